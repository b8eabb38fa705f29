import {
	type Attributes,
	type Context,
	type HrTime,
	INVALID_SPAN_CONTEXT,
	type Link,
	type Span,
	SpanKind,
	SpanStatusCode,
	diag,
	propagation,
	trace
} from '@opentelemetry/api';
import { millisToHrTime, suppressTracing } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import {
	ATTR_ERROR_TYPE,
	ATTR_HTTP_RESPONSE_STATUS_CODE,
	ATTR_HTTP_ROUTE
} from '@opentelemetry/semantic-conventions';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { boundBaggage } from './bound-baggage.ts';
import { pathOf, requestAttributes } from './http-attributes.ts';
import { methodInName } from './methods.ts';
import { PassedExceptions } from '../kit/passed-exceptions.ts';
import { PendingSpan } from './pending-span.ts';
import { RequestContext } from './request-context.ts';
import { hasClosed, wasCutOff } from './response.ts';
import { announce } from './server-timing.ts';
import { UNKNOWN } from '../kit/span-names.ts';
import type { Tracing } from '../kit/tracing.ts';
import type { TracedRequest } from './traced-request.ts';

/** The active span of a request that is ignored. */
export const IGNORED: Span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/** Node's name for a connection that the other side has left. */
const CLIENT_LEFT = 'ECONNRESET';

/** What `error.type` says of a request that was served when the process ended. */
const PROCESS_EXIT = 'process_exit';

/** Method not allowed, range not satisfiable: the errors that adapter-node answers a request for a file with. */
const REFUSED_FILE = new Set([405, 416]);

/**
 * One incoming request, from its arrival to the end of its response. It has no span of its own: when
 * SvelteKit asks for its root span, that one becomes the SERVER span (see `kit-tracer.ts`). So a static
 * file, for which SvelteKit is never asked, makes none.
 */
export class ServerRequest implements TracedRequest {
	readonly req: IncomingMessage;
	/** The context to serve the request in. */
	readonly context: Context;
	readonly #res: ServerResponse;
	readonly #tracing: Tracing;
	readonly #arrivedMs = Date.now();
	readonly #arrivedAt = performance.now();
	/** Where the SERVER span belongs; known once SvelteKit has reached the request. */
	#parent: Context | undefined;
	#link: Link | undefined;
	#span: Span | undefined;
	#ignored = false;
	/** The call of a remote function: see `RemoteFunctions`. */
	#remoteId: string | undefined;
	/** Whether the response is over. SvelteKit may be asked later still: a server of one's own may wait before. */
	#isOver: boolean;
	#exceptions: PassedExceptions | undefined;
	#end: Span['end'] | undefined;

	constructor(req: IncomingMessage, res: ServerResponse, parent: Context, tracing: Tracing) {
		this.req = req;
		this.#res = res;
		this.#tracing = tracing;
		this.context = new RequestContext(parent, this, trace.getSpan(parent));
		this.#isOver = hasClosed(res);
		if (!this.#isOver) res.once('close', () => this.#finish());
	}

	/** Whether SvelteKit has reached the request. */
	get met(): boolean {
		return this.#parent !== undefined;
	}

	/** A time of `performance.now()` on the one clock of all the spans of this request. */
	timeOf(performanceNow: number): HrTime {
		return millisToHrTime(this.#arrivedMs + performanceNow - this.#arrivedAt);
	}

	/**
	 * SvelteKit takes the request up: the caller's context is extracted, once.
	 *
	 * @param active the context SvelteKit does it in
	 * @returns the context for what SvelteKit does before and after its root span, below the SERVER span too
	 */
	meet(active: Context): Context {
		if (this.#tracing.ignoresPath(pathOf(this.req))) return (this.#parent = this.#ignore(active));
		this.#parent = this.#extract(active);
		return trace.setSpan(this.#parent, new PendingSpan(this));
	}

	#extract(active: Context): Context {
		// somebody else's span is active already, of the custom server say: it is the parent
		if (trace.getSpan(active)) return active;

		const extracted = this.#tracing.propagator.extract(active, this.req.headers, headerGetter);
		if (!this.#tracing.publicEndpoint) return boundBaggage(extracted);

		const remote = trace.getSpanContext(extracted);
		if (remote) this.#link = { context: remote };
		return propagation.deleteBaggage(trace.deleteSpan(extracted));
	}

	/**
	 * SvelteKit opens its root span.
	 *
	 * @param kit what SvelteKit says of it
	 * @returns the context to go on in, in which the SERVER span is active, or one that is not traced
	 */
	serve(kit: Attributes = {}): Context {
		const parent = this.#parent!;
		const { ignoresRoute, remotes } = this.#tracing;
		const remoteId = (this.#remoteId = remotes.idOf(pathOf(this.req)));
		const kitRoute = kit[ATTR_HTTP_ROUTE] === UNKNOWN ? undefined : (kit[ATTR_HTTP_ROUTE] as string);
		// SvelteKit's is that of a page that the caller names
		const route = remoteId === undefined ? kitRoute : remotes.routeOf(remoteId);
		const matched = remoteId === undefined ? route : remotes.wouldBeRouteOf(remoteId);
		if (this.#ignored || (matched !== undefined && ignoresRoute(matched))) return this.#ignore(parent);

		const attributes: Attributes = {};
		if (route !== undefined) attributes[ATTR_HTTP_ROUTE] = route;
		for (const key in kit) if (key.startsWith('sveltekit.')) attributes[key] = kit[key];

		const method = methodInName(this.req.method);
		const name = route === undefined ? method : `${method} ${route}`;
		// started before by a span that had to be below it
		const span = this.#span?.updateName(name).setAttributes(attributes) ?? this.#start(name, attributes);
		return trace.setSpan(parent, span);
	}

	/** The SERVER span; it starts now if SvelteKit has not opened its root span yet. */
	get span(): Span {
		return (this.#span ??= this.#start(methodInName(this.req.method), {}));
	}

	/** What exceptions have passed through its spans. */
	get exceptions(): PassedExceptions {
		return (this.#exceptions ??= new PassedExceptions());
	}

	#start(name: string, attributes: Attributes): Span {
		const { spans, proxy, redactQuery, serverTiming, open, requestHook } = this.#tracing;
		// not met: refused before SvelteKit was asked. First, for it may find a link instead of a parent
		this.#parent ??= this.#extract(this.context);
		const span = spans.start(
			name,
			{
				kind: SpanKind.SERVER,
				startTime: millisToHrTime(this.#arrivedMs),
				attributes: () => Object.assign(requestAttributes(this.req, proxy, redactQuery), attributes),
				...(this.#link && { links: [this.#link] })
			},
			this.#parent
		);
		this.#span = span;
		if (span.isRecording()) {
			this.#end = span.end.bind(span);
			// SvelteKit ends its root when it has a Response, whose body may stream on for long
			span.end = () => {
				if ((span as Span & ReadableSpan).events.length > 0) {
					this.exceptions.keepOnce(span as Span & ReadableSpan);
				}
				if (this.#isOver) this.#finish();
			};
			if (!this.#isOver) open.add(this);
			requestHook?.(span, this.req);
		}
		if (serverTiming) announce(span, this.#res);
		return span;
	}

	#ignore(context: Context): Context {
		this.#ignored = true;
		return trace.setSpan(suppressTracing(context), IGNORED);
	}

	/** The process ends and the response does not: what there is of its span is all there will be. */
	abandon(): void {
		this.#finish(PROCESS_EXIT);
	}

	/** The response is over: sent, or cut off. */
	#finish(cause = CLIENT_LEFT): void {
		this.#isOver = true;
		try {
			// one that has started ends in any case, for what is below it: `reroute` runs before the route is known
			if (this.#span || (!this.#ignored && this.#isDynamic())) this.#endSpan(cause);
		} catch (error) {
			diag.error(`the span of a request could not be ended: ${error}`);
		} finally {
			this.#tracing.open.delete(this);
		}
	}

	/** SvelteKit is asked for everything but files, and for what is refused in its stead. */
	#isDynamic(): boolean {
		const { statusCode } = this.#res;
		const isRefused = statusCode >= 400 && !REFUSED_FILE.has(statusCode);
		return this.met || (isRefused && !this.#tracing.ignoresPath(pathOf(this.req)));
	}

	/** The first call of a module's functions is where SvelteKit tells of them. */
	#nameRemoteCall(span: Span): void {
		const route = this.#remoteId === undefined ? undefined : this.#tracing.remotes.routeOf(this.#remoteId);
		if (route === undefined) return;
		span.setAttribute(ATTR_HTTP_ROUTE, route);
		const method = methodInName(this.req.method);
		// unless the app has named it
		if ((span as Span & Partial<ReadableSpan>).name === method) span.updateName(`${method} ${route}`);
	}

	#endSpan(cause: string): void {
		const { span } = this;
		if (!this.#end || !span.isRecording()) return;

		const { statusCode, headersSent } = this.#res;
		const { attributes, status } = span as Span & Partial<ReadableSpan>;
		if (attributes && !(ATTR_HTTP_ROUTE in attributes)) this.#nameRemoteCall(span);
		// what the app has set itself stays
		const set = (key: string, value: string | number): void => {
			if (attributes?.[key] === undefined) span.setAttribute(key, value);
		};
		if (headersSent) set(ATTR_HTTP_RESPONSE_STATUS_CODE, statusCode);
		if (headersSent && statusCode >= 500) {
			set(ATTR_ERROR_TYPE, String(statusCode));
			// SvelteKit's own says more
			if (status?.code !== SpanStatusCode.ERROR) span.setStatus({ code: SpanStatusCode.ERROR });
		} else if (wasCutOff(this.#res)) {
			set(ATTR_ERROR_TYPE, cause);
		}
		this.#tracing.responseHook?.(span, this.#res);
		this.#end(this.timeOf(performance.now()));
	}
}

const headerGetter = {
	keys: (headers: IncomingMessage['headers']) => Object.keys(headers),
	get: (headers: IncomingMessage['headers'], key: string) => headers[key.toLowerCase()]
};
