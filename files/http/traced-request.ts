import type { Attributes, Context, HrTime, Span } from '@opentelemetry/api';
import type { Span as StartedSpan } from '@opentelemetry/sdk-trace';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PassedExceptions } from './passed-exceptions.ts';
import type { RequestRoute } from './request-route.ts';

/** An incoming request, as the code that creates its spans uses it. `ServerRequest` is the only implementation. */
export interface TracedRequest {
	readonly req: IncomingMessage;
	readonly res: ServerResponse;
	/** Its route, once SvelteKit has started its root span. */
	readonly route: RequestRoute | undefined;
	/** The context to serve the request in. Spans that start there are below the SERVER span. */
	readonly context: Context;
	/** Whether the request is not traced. Checked for every span below it. */
	readonly isIgnored: boolean;
	/** Whether adapter-node's handler was called with the request, and SvelteKit has not reached it yet. */
	readonly awaitsKit: boolean;
	/** Whether SvelteKit has reached the request. */
	readonly isInKit: boolean;
	/** The SERVER span. Starts it if SvelteKit has not started its root span yet. */
	readonly span: Span;
	/** The exceptions that have passed through its spans. */
	readonly exceptions: PassedExceptions;
	/** Converts a time of `performance.now()` to the clock that all spans of this request share. */
	timeOf(performanceNow: number): HrTime;
	/** From now on, listeners of the request and its response run in its context. */
	bindListeners(): void;
	/** Called when adapter-node's handler gets the request. SvelteKit is next, unless the request is for a file. */
	enterHandler(): void;
	/**
	 * Called when SvelteKit reaches the request. The caller's context has already been extracted.
	 *
	 * @param active the context in which SvelteKit reaches it
	 * @returns the context for SvelteKit's code before and after its root span, also below the SERVER span
	 */
	enterKit(active: Context): Context;
	/**
	 * Called when SvelteKit starts its root span.
	 *
	 * @param kit SvelteKit's attributes of the span
	 * @param active the context in which it starts
	 * @returns the context to continue in: the SERVER span or one below it is active, or the request is not traced
	 */
	startRoot(kit?: Attributes, active?: Context): Context;
	/** Notes an unexpected error, which is the cause if the request fails. */
	noteFailure(message: string | undefined): void;
	/** Called when a span of the request has started. */
	noteSpan(span: StartedSpan): void;
	/**
	 * Called some time after the end of the response: ends the spans of SvelteKit and of frameworks that are still
	 * open.
	 *
	 * @param startedBefore a time of `performance.now()`: younger spans are not ended. By default, all are
	 * @returns whether there are younger spans of SvelteKit or of frameworks
	 */
	settle(startedBefore?: number): boolean;
	/** Removes the spans that are still open from the request, and returns them. */
	takeOpenSpans(): StartedSpan[];
	/** Ends all its spans because the process exits. */
	abandon(): void;
}
