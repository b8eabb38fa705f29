import {
	type Attributes,
	type Context,
	type Link,
	type Span,
	SpanKind,
	SpanStatusCode,
	type Tracer,
	createContextKey,
	propagation,
	trace
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import {
	ATTR_ERROR_TYPE,
	ATTR_HTTP_RESPONSE_STATUS_CODE,
	ATTR_HTTP_ROUTE
} from '@opentelemetry/semantic-conventions';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { methodInName, requestAttributes } from './http-attributes.ts';
import type { Tracing } from './tracing.ts';

const KEY = createContextKey('adapter-node-otel: the request that is served');

/** Node's name for a connection that the other side has left. */
const CLIENT_LEFT = 'ECONNRESET';

/** What `error.type` says of a request that was served when the process ended. */
const PROCESS_EXIT = 'process_exit';

/**
 * One incoming request, from its arrival to the end of its response. It has no span of its own: when
 * SvelteKit asks for its root span, that one becomes the SERVER span (see `kit-tracer.ts`). So a static
 * file, for which SvelteKit is never asked, makes none.
 */
export class ServerRequest {
	/** The request that a context belongs to. */
	static of(context: Context): ServerRequest | undefined {
		return context.getValue(KEY) as ServerRequest | undefined;
	}

	readonly req: IncomingMessage;
	readonly #res: ServerResponse;
	readonly #tracing: Tracing;
	/** In the clock of `performance.now()`, which the SDK takes as a time. */
	readonly #arrived = performance.now();
	#context: Context;
	#link: Link | undefined;
	#met = false;
	#span: Span | undefined;
	#ignored = false;
	#end: Span['end'] | undefined;

	constructor(req: IncomingMessage, res: ServerResponse, parent: Context, tracing: Tracing) {
		this.req = req;
		this.#res = res;
		this.#tracing = tracing;
		this.#context = parent.setValue(KEY, this);
		res.once('close', () => this.#finish());
	}

	/** The context to serve the request in. */
	get context(): Context {
		return this.#context;
	}

	/** Whether SvelteKit has reached the request. */
	get met(): boolean {
		return this.#met;
	}

	/** Whether the SERVER span exists, or shall not. */
	get started(): boolean {
		return this.#span !== undefined || this.#ignored;
	}

	/**
	 * SvelteKit takes the request up: the caller's context is extracted, once.
	 *
	 * @param active the context SvelteKit does it in
	 */
	meet(active: Context): Context {
		this.#met = true;
		if (this.#tracing.ignoresPath(pathOf(this.req))) return (this.#context = this.#ignore(active));
		// somebody else's span is active already, of the custom server say: it is the parent
		if (trace.getSpan(active)) return (this.#context = active);

		let extracted = this.#tracing.propagator.extract(active, this.req.headers, headerGetter);
		const remote = trace.getSpanContext(extracted);
		if (remote && this.#tracing.publicEndpoint) {
			this.#link = { context: remote };
			extracted = propagation.deleteBaggage(trace.deleteSpan(extracted));
		}
		return (this.#context = extracted);
	}

	/**
	 * Starts the SERVER span.
	 *
	 * @param tracer SvelteKit's, of the SDK
	 * @param kit what SvelteKit says of its root span
	 * @returns the span and the context to go on in; no span for a request that is ignored
	 */
	start(tracer: Tracer, kit: Attributes = {}): { context: Context; span: Span | undefined } {
		const route =
			kit[ATTR_HTTP_ROUTE] === 'unknown' ? undefined : (kit[ATTR_HTTP_ROUTE] as string | undefined);
		if (this.#ignored || (route !== undefined && this.#tracing.ignoresRoute(route))) {
			return { context: this.#ignore(this.#context), span: undefined };
		}

		const origin = (kit['http.url'] as string | undefined) ?? this.#tracing.proxy.origin(this.req);
		const attributes = requestAttributes(this.req, origin, this.#tracing.proxy, this.#tracing.redactQuery);
		if (route !== undefined) attributes[ATTR_HTTP_ROUTE] = route;
		for (const key in kit) if (key.startsWith('sveltekit.')) attributes[key] = kit[key];

		const method = methodInName(this.req.method);
		const span = tracer.startSpan(
			route === undefined ? method : `${method} ${route}`,
			{
				kind: SpanKind.SERVER,
				startTime: this.#arrived,
				attributes,
				...(this.#link && { links: [this.#link] })
			},
			this.#context
		);
		this.#span = span;
		if (span.isRecording()) {
			this.#end = span.end.bind(span);
			// SvelteKit ends its root when it has a Response, whose body may stream on for long
			span.end = () => {};
			this.#tracing.open.add(this);
			if (this.#tracing.serverTiming) this.#announce(span);
		}
		return { context: trace.setSpan(this.#context, span), span };
	}

	#ignore(context: Context): Context {
		this.#ignored = true;
		return suppressTracing(context);
	}

	/** The process ends and the response does not: what there is of its span is all there will be. */
	abandon(): void {
		this.#finish(PROCESS_EXIT);
	}

	/** The response is over: sent, or cut off. */
	#finish(cause = CLIENT_LEFT): void {
		this.#tracing.open.delete(this);
		if (!this.started && this.#isDynamic()) this.start(this.#tracing.tracer);
		const span = this.#span;
		if (!span || !this.#end || !span.isRecording()) return;

		const { statusCode, headersSent, writableFinished } = this.#res;
		const { attributes } = span as Span & Partial<ReadableSpan>;
		// what the app has set itself stays
		const set = (key: string, value: string | number): void => {
			if (attributes?.[key] === undefined) span.setAttribute(key, value);
		};
		if (headersSent) set(ATTR_HTTP_RESPONSE_STATUS_CODE, statusCode);
		if (headersSent && statusCode >= 500) {
			set(ATTR_ERROR_TYPE, String(statusCode));
			span.setStatus({ code: SpanStatusCode.ERROR });
		} else if (!writableFinished) {
			set(ATTR_ERROR_TYPE, cause);
		}
		this.#end(performance.now());
	}

	/**
	 * A request that never came to SvelteKit's root span: was it a file, or was it turned away before? A file
	 * is not answered with an error, for what is not there goes on to SvelteKit; all but the range of one.
	 */
	#isDynamic(): boolean {
		const { statusCode } = this.#res;
		return (
			this.#met || (statusCode >= 400 && statusCode !== 416) || this.#res.hasHeader('x-sveltekit-normalize')
		);
	}

	/** Tells the browser its trace, with what else the app says in `Server-Timing`; pages only. */
	#announce(span: Span): void {
		const { traceId, spanId, traceFlags } = span.spanContext();
		const res = this.#res;
		const entry = `traceparent;desc="00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}"`;
		const { writeHead } = res;
		res.writeHead = ((...args: Parameters<typeof writeHead>) => {
			if (!res.headersSent && String(res.getHeader('content-type')).startsWith('text/html')) {
				const existing = res.getHeader('server-timing');
				res.setHeader('server-timing', existing ? `${existing}, ${entry}` : entry);
			}
			return writeHead.apply(res, args);
		}) as typeof writeHead;
	}
}

const headerGetter = {
	keys: (headers: IncomingMessage['headers']) => Object.keys(headers),
	get: (headers: IncomingMessage['headers'], key: string) => headers[key.toLowerCase()]
};

function pathOf(req: IncomingMessage): string {
	const target = (req as { originalUrl?: string }).originalUrl ?? req.url ?? '/';
	const at = target.indexOf('?');
	return at < 0 ? target : target.slice(0, at);
}
