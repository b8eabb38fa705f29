import {
	type Attributes,
	type Context,
	type HrTime,
	type Link,
	type Span,
	SpanKind,
	diag,
	trace
} from '@opentelemetry/api';
import { getRPCMetadata, millisToHrTime } from '@opentelemetry/core';
import type { ReadableSpan, Span as StartedSpan } from '@opentelemetry/sdk-trace';
import { ATTR_HTTP_ROUTE } from '@opentelemetry/semantic-conventions';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { emitWithin } from './emit-within.ts';
import { extractCaller } from './extract-caller.ts';
import { pathOf, requestAttributes } from './http-attributes.ts';
import { joinNames } from './join-names.ts';
import { methodInName } from './methods.ts';
import { OpenSpans, PROCESS_EXIT } from './open-spans.ts';
import { PassedExceptions } from './passed-exceptions.ts';
import { PendingSpan } from './pending-span.ts';
import { NO_SPAN, RequestContext } from './request-context.ts';
import { RequestRoute } from './request-route.ts';
import { hasClosed, onClose, wasCutOff } from './response.ts';
import { CLIENT_LEFT, errorTypeOf, recordResponse, recordRoute } from './server-span.ts';
import { setServerTiming } from './server-timing.ts';
import { wallTimeOf } from '../sdk/wall-time.ts';
import type { TracedRequest } from './traced-request.ts';
import type { MeasureRequest, Tracing } from './tracing.ts';

/** Method not allowed, range not satisfiable: the error statuses of adapter-node for static files. */
const FILE_ERRORS = new Set([405, 416]);

/**
 * One incoming request, from its arrival to the end of its response. When SvelteKit starts its root span,
 * that span becomes the SERVER span (see `kit-tracer.ts`). SvelteKit never handles static files, so they
 * have no span, unless a span below has been recorded. `TracedRequest` describes the public members.
 */
export class ServerRequest implements TracedRequest {
	readonly req: IncomingMessage;
	readonly res: ServerResponse;
	route: RequestRoute | undefined;
	readonly context: Context;
	readonly #tracing: Tracing;
	readonly #arrivedMs = Date.now();
	readonly #arrivedAt = performance.now();
	/** The parent context of the SERVER span, with the other values that were set when the request arrived. */
	readonly #origin: Context;
	readonly #link: Link | undefined;
	#span: Span | undefined;
	#ignored: boolean;
	#isInHandler = false;
	#isInKit = false;
	#bindsListeners = false;
	/** The message of the last unexpected error. */
	#failure: string | undefined;
	/** When the response was over. SvelteKit may get the request even later, if a custom server waits first. */
	#overAt: number | undefined;
	#openSpans: OpenSpans | undefined;
	#exceptions: PassedExceptions | undefined;
	#end: Span['end'] | undefined;
	/** Ends the measurement. Called once. */
	#endMeasurement: ReturnType<MeasureRequest> | undefined;
	#isMeasured = false;

	/**
	 * @param req the request
	 * @param res its response
	 * @param active the active context when the request arrives
	 * @param tracing shared state of request tracing
	 */
	constructor(req: IncomingMessage, res: ServerResponse, active: Context, tracing: Tracing) {
		this.req = req;
		this.res = res;
		this.#tracing = tracing;
		this.#ignored = tracing.ignores(pathOf(req));
		const origin = this.#isTraced ? extractCaller(req.headers, active, tracing) : undefined;
		this.#origin = origin?.context ?? active;
		this.#link = origin?.link;
		const span = this.#isTraced ? new PendingSpan(this) : NO_SPAN;
		this.context = new RequestContext(this.#origin, this, span);
		if (hasClosed(res)) this.#overAt = this.#arrivedAt;
		else onClose(res, () => this.#finish());
	}

	get isIgnored(): boolean {
		return this.#ignored;
	}

	/** Whether it gets a span. */
	get #isTraced(): boolean {
		return this.#tracing.makesSpans && !this.#ignored;
	}

	/** Whether the response is over. */
	get #isOver(): boolean {
		return this.#overAt !== undefined;
	}

	get awaitsKit(): boolean {
		return this.#isInHandler && !this.#isInKit;
	}

	get isInKit(): boolean {
		return this.#isInKit;
	}

	timeOf(performanceNow: number): HrTime {
		return wallTimeOf(performanceNow, this.#arrivedMs, this.#arrivedAt);
	}

	bindListeners(): void {
		// only spans need that
		if (this.#bindsListeners || !this.#tracing.makesSpans) return;
		this.#bindsListeners = true;
		emitWithin(this.req, this, this.#tracing.contextManager);
		emitWithin(this.res, this, this.#tracing.contextManager);
	}

	enterHandler(): void {
		if (!this.#isInHandler) this.#tracing.tracerCheck.countResponse(this.res);
		this.#isInHandler = true;
	}

	enterKit(active: Context): Context {
		this.#isInKit = true;
		// a request whose client has already left is never active
		if (!this.#ignored && !this.#isOver) this.#measure();
		this.bindListeners();
		const span = trace.getSpan(active);
		// a server that extracted the caller's context itself: the spans still belong below this request
		const isOwn = span instanceof PendingSpan || !span?.spanContext().isRemote;
		return isOwn ? active : trace.setSpan(active, trace.getSpan(this.context)!);
	}

	startRoot(kit: Attributes = {}, active: Context = this.context): Context {
		const { ignores, remotes } = this.#tracing;
		const { known, matched } = (this.route = new RequestRoute(pathOf(this.req), kit, remotes));
		if (this.#ignored || (matched !== undefined && ignores(matched))) {
			this.#ignored = true;
			this.#endMeasurement?.();
			return trace.setSpan(active, NO_SPAN);
		}
		if (!this.#isTraced) {
			if (this.#isOver) this.#finish();
			return active;
		}

		const attributes = (): Attributes => {
			const own: Attributes = known === undefined ? {} : { [ATTR_HTTP_ROUTE]: known };
			for (const key in kit) if (key.startsWith('sveltekit.')) own[key] = kit[key];
			return own;
		};
		const method = methodInName(this.req.method);
		const name = known === undefined ? method : joinNames(method, known);
		// a span below it may have started it before, and it has ended if other code sent the response
		if (this.#span?.isRecording()) this.#span.updateName(name).setAttributes(attributes());
		const span = (this.#span ??= this.#start(name, attributes));
		// the end of a recorded span does it
		if (this.#isOver && !span.isRecording()) this.#finish();
		// a span that a custom server started around the app stays in between. The placeholder is as good as a span
		// that is not recorded
		const isBetween = !(trace.getSpan(active) instanceof PendingSpan);
		return isBetween || !span.isRecording() ? active : trace.setSpan(active, span);
	}

	get span(): Span {
		if (!this.#isTraced && !this.#span) return NO_SPAN;
		const isLate = this.#isOver && !this.#isInKit && !this.#span;
		this.#span ??= this.#start();
		// nothing else will end it
		if (isLate) this.#finish();
		return this.#span;
	}

	get exceptions(): PassedExceptions {
		return (this.#exceptions ??= new PassedExceptions());
	}

	#start(name = methodInName(this.req.method), attributes?: () => Attributes): Span {
		const { spans, proxy, redactQuery, serverTiming, open, requestHook } = this.#tracing;
		const span = spans.start(
			name,
			{
				kind: SpanKind.SERVER,
				startTime: millisToHrTime(this.#arrivedMs),
				attributes: () => Object.assign(requestAttributes(this.req, proxy, redactQuery), attributes?.()),
				...(this.#link && { links: [this.#link] })
			},
			new RequestContext(this.#origin, this, trace.getSpan(this.#origin))
		);
		this.#span = span;
		if (span.isRecording()) {
			this.#end = span.end.bind(span);
			// SvelteKit ends its root span when it has a Response, whose body may still stream for a long time
			span.end = () => {
				if ((span as Span & ReadableSpan).events.length > 0) {
					this.exceptions.keepOnce(span as Span & ReadableSpan);
				}
				if (this.#isOver) this.#finish();
				// a stream may go on for long
				else this.#openSpans?.prune();
			};
			if (!this.#isOver) open.add(this);
			requestHook?.(span, this.req);
		}
		if (serverTiming) setServerTiming(span, this.res);
		return span;
	}

	noteFailure(message: string | undefined): void {
		this.#failure = message;
	}

	noteSpan(span: StartedSpan): void {
		(this.#openSpans ??= new OpenSpans()).add(span);
		if (this.#isOver) this.#tracing.lingering.add(this);
	}

	settle(startedBefore = performance.now()): boolean {
		const cause = wasCutOff(this.res) ? CLIENT_LEFT : undefined;
		const [end, before] = [this.timeOf(this.#overAt!), this.timeOf(startedBefore)];
		return this.#openSpans?.endHanging(end, cause, before) ?? false;
	}

	takeOpenSpans(): StartedSpan[] {
		return this.#openSpans?.take() ?? [];
	}

	abandon(): void {
		if (this.#isOver) this.settle(this.#overAt);
		else this.#finish(PROCESS_EXIT);
		this.#openSpans?.endAll(this.timeOf(performance.now()));
	}

	/** The response is over: sent, or cut off. */
	#finish(cause = CLIENT_LEFT): void {
		this.#overAt ??= performance.now();
		try {
			const isDynamic = this.#isDynamic();
			// a started span always ends, because it may have children: `reroute` runs before the route is known
			const span = this.#span ?? (this.#isTraced && isDynamic ? this.#start() : undefined);
			if (!this.#ignored && (isDynamic || this.#tracing.measureFiles)) this.#endMeasuring(cause);
			if (span) this.#endSpan(span, cause);
		} catch (error) {
			diag.error(`the span of a request could not be ended: ${error}`);
		} finally {
			const { lingering, open } = this.#tracing;
			open.delete(this);
			if (this.#openSpans && this.#openSpans.prune() > 0) lingering.add(this);
		}
	}

	/**
	 * Whether the request is dynamic. That is every request except those for files, including requests
	 * that adapter-node answers with an error. Responses that a custom server sends itself always count.
	 */
	#isDynamic(): boolean {
		const { statusCode } = this.res;
		const isEarlyError = this.#tracing.ownsErrors && statusCode >= 400 && !FILE_ERRORS.has(statusCode);
		return !this.#isInHandler || this.#isInKit || isEarlyError;
	}

	#measure(): void {
		const { measureRequest, proxy, open } = this.#tracing;
		if (!measureRequest || this.#isMeasured) return;
		this.#isMeasured = true;
		this.#endMeasurement = measureRequest(this.req.method, proxy.scheme(this.req));
		if (!this.#isOver) open.add(this);
	}

	#endMeasuring(cause: string): void {
		// if SvelteKit did not get the request, the measurement has not started yet
		this.#measure();
		const end = this.#endMeasurement;
		if (!end) return;
		this.#endMeasurement = undefined;
		const { statusCode, headersSent } = this.res;
		end({
			seconds: (performance.now() - this.#arrivedAt) / 1000,
			route: this.route?.known ?? this.#lateRoute(),
			status: headersSent ? statusCode : undefined,
			error: errorTypeOf(this.res, cause),
			spanContext: this.#span?.spanContext()
		});
	}

	#endSpan(span: Span, cause: string): void {
		if (!this.#end || !span.isRecording()) return;

		const { attributes } = span as Span & Partial<ReadableSpan>;
		const route = attributes && !(ATTR_HTTP_ROUTE in attributes) ? this.#lateRoute() : undefined;
		if (route !== undefined) recordRoute(span, route, this.req.method);
		recordResponse(span, this.res, cause, this.#failure);
		this.#tracing.responseHook?.(span, this.res);
		this.#end(this.timeOf(performance.now()));
	}

	/** A route that was not known before. */
	#lateRoute(): string | undefined {
		// if SvelteKit did not get the request, a framework's instrumentation may have set the route
		return this.#isInKit ? this.route?.late : getRPCMetadata(this.#origin)?.route;
	}
}
