import type { Attributes, Context, HrTime, Span } from '@opentelemetry/api';
import type { IncomingMessage } from 'node:http';
import type { PassedExceptions } from '../kit/passed-exceptions.ts';

/** An incoming request, as the parts see it that make its spans. `ServerRequest` is the one there is. */
export interface TracedRequest {
	readonly req: IncomingMessage;
	/** Whether SvelteKit has reached the request. */
	readonly met: boolean;
	/** The SERVER span; it starts now if SvelteKit has not opened its root span yet. */
	readonly span: Span;
	/** The exceptions that have passed through its spans. */
	readonly exceptions: PassedExceptions;
	/** A time of `performance.now()` on the one clock of all the spans of this request. */
	timeOf(performanceNow: number): HrTime;
	/** SvelteKit takes the request up: the context of the caller is extracted, once. */
	meet(active: Context): Context;
	/** SvelteKit opens its root span: the context to go on in. */
	serve(kit?: Attributes): Context;
	/** The process ends and the response does not: the span ends now. */
	abandon(): void;
}
