import { type HrTime, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { ATTR_HTTP_RESPONSE_STATUS_CODE } from '@opentelemetry/semantic-conventions';
import type { TracedRequest } from '../http/traced-request.ts';
import { sizeOf } from '../traces/span-size.ts';

/** What `recordException` calls its event. */
const EXCEPTION = 'exception';

/** Instrumentations call an answer of 404 an error, and a query that the app tries again. */
const LIBRARY = /(^|\/)instrumentation\b/;

/** Which requests are kept. */
export interface KeepRules {
	readonly keepErrors: boolean;
	/** Milliseconds. */
	readonly keepSlowerThanMs?: number | undefined;
}

/** Why one is. */
export type Reason = 'error' | 'slow';

/**
 * A request that the sampler has not chosen, and what has ended of its spans. Its SERVER span's end decides,
 * or what is known when there is no more room.
 */
export class KeptRequest {
	readonly server: ReadableSpan;
	/** Memory of the spans that wait, in bytes. */
	bytes = 0;
	/** Of those that wait, in the order in which they have ended. */
	spans: ReadableSpan[] = [];
	/** Whether spans wait, are exported, or let go. */
	state: 'undecided' | 'kept' | 'dropped' = 'undecided';
	readonly startedAt: number;
	readonly #rules: KeepRules;
	readonly #request: TracedRequest;
	#hasFailed = false;
	#headersAt: number | undefined;

	constructor(server: ReadableSpan, request: TracedRequest, rules: KeepRules, now: number) {
		this.server = server;
		this.startedAt = now;
		this.#request = request;
		this.#rules = rules;
		if (rules.keepSlowerThanMs !== undefined) this.#watchHeaders();
	}

	/** Takes a span that has ended, which is held while nothing is decided. */
	take(span: ReadableSpan): void {
		this.#hasFailed ||= hasFailed(span);
		if (this.state !== 'undecided') return;
		this.bytes += sizeOf(span);
		this.spans.push(span);
	}

	/** Why the request is kept, by what is known by now. */
	reason(): Reason | undefined {
		const { keepErrors, keepSlowerThanMs } = this.#rules;
		if (keepErrors && this.#hasFailed) return 'error';
		return keepSlowerThanMs !== undefined && this.#tookMs() > keepSlowerThanMs ? 'slow' : undefined;
	}

	/** To the end of the response so far; of an event stream, which goes on for as long as the client likes, to its headers. */
	#tookMs(): number {
		const { ended, startTime, endTime } = this.server;
		const isStream = String(this.#request.res.getHeader('content-type')).startsWith('text/event-stream');
		const end =
			isStream && this.#headersAt !== undefined
				? this.#request.timeOf(this.#headersAt)
				: ended
					? endTime
					: this.#request.timeOf(performance.now());
		return milliseconds(end) - milliseconds(startTime);
	}

	#watchHeaders(): void {
		const { res } = this.#request;
		const { writeHead } = res;
		res.writeHead = ((...args: Parameters<typeof writeHead>) => {
			this.#headersAt ??= performance.now();
			return writeHead.apply(res, args);
		}) as typeof writeHead;
	}
}

/** Whether a span says that the request has failed: what libraries call an error, the app may have expected. */
function hasFailed({ status, attributes, events, instrumentationScope }: ReadableSpan): boolean {
	if (LIBRARY.test(instrumentationScope.name)) return false;
	return (
		status.code === SpanStatusCode.ERROR ||
		Number(attributes[ATTR_HTTP_RESPONSE_STATUS_CODE]) >= 500 ||
		events.some(({ name }) => name === EXCEPTION)
	);
}

const milliseconds = ([seconds, nanoseconds]: HrTime): number => seconds * 1000 + nanoseconds / 1e6;
