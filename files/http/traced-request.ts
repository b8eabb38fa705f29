import type { Attributes, Context, HrTime, Span } from '@opentelemetry/api';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PassedExceptions } from '../kit/passed-exceptions.ts';

/** An incoming request, as the parts see it that make its spans. `ServerRequest` is the one there is. */
export interface TracedRequest {
	readonly req: IncomingMessage;
	readonly res: ServerResponse;
	/** The route id, as far as it is known: for patterns, for it may be one that the build does not have. */
	readonly route: string | undefined;
	/** The context to serve the request in. */
	readonly context: Context;
	/** Whether it is not to be traced: asked for with every span below it. */
	readonly isIgnored: boolean;
	/** Whether adapter-node's handler has it, and SvelteKit has not reached it yet. */
	readonly awaitsKit: boolean;
	/** Whether SvelteKit has reached it. */
	readonly isMet: boolean;
	/** The SERVER span; it starts now if SvelteKit has not opened its root span yet. */
	readonly span: Span;
	/** The exceptions that have passed through its spans. */
	readonly exceptions: PassedExceptions;
	/** A time of `performance.now()` on the one clock of all the spans of this request. */
	timeOf(performanceNow: number): HrTime;
	/** The events of the request and of its response happen in its context from now on. */
	keepContext(): void;
	/** adapter-node's handler is called with it. */
	handOver(): void;
	/** SvelteKit takes the request up: the context to do it in. */
	meet(active: Context): Context;
	/** SvelteKit opens its root span: the context to go on in. */
	serve(kit?: Attributes, active?: Context): Context;
	/** An error that nobody expected is why the request fails, if it does. */
	fail(message: string | undefined): void;
	/** The process ends and the response does not: the span ends now. */
	abandon(): void;
}
