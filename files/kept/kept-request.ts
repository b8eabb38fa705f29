import { type HrTime, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { ATTR_HTTP_RESPONSE_STATUS_CODE, EVENT_EXCEPTION } from '@opentelemetry/semantic-conventions';
import type { TracedRequest } from '../http/traced-request.ts';
import { sizeOf } from '../traces/span-size.ts';

/** Instrumentations report a 404 response as an error, and a query that the app retries. */
const LIBRARY = /(^|\/)instrumentation\b/;

/** Which requests are kept. */
export interface KeepRules {
	readonly keepErrors: boolean;
	/** Milliseconds. */
	readonly keepSlowerThanMs?: number | undefined;
}

/** Why a request is kept. */
export type Reason = 'error' | 'slow';

/**
 * An unsampled request and its ended spans. Whether it is kept is decided at the end of its SERVER span, or
 * earlier if a limit is reached.
 */
export class KeptRequest {
	readonly server: ReadableSpan;
	/** Memory of the held spans, in bytes. */
	bytes = 0;
	/** The held spans, in the order in which they ended. */
	spans: ReadableSpan[] = [];
	/** Whether spans are held, exported or dropped. */
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

	/** Adds a span that has ended. It is held until the request is decided. */
	take(span: ReadableSpan): void {
		this.#hasFailed ||= hasFailed(span);
		if (this.state !== 'undecided') return;
		this.bytes += sizeOf(span);
		this.spans.push(span);
	}

	/** Why the request is kept, by what is known so far. */
	reason(): Reason | undefined {
		const { keepErrors, keepSlowerThanMs } = this.#rules;
		if (keepErrors && this.#hasFailed) return 'error';
		return keepSlowerThanMs !== undefined && this.#tookMs() > keepSlowerThanMs ? 'slow' : undefined;
	}

	/** The duration so far, in milliseconds. For an event stream, which lasts as long as the client stays connected, it ends at the headers. */
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
			this.#headersAt = performance.now();
			return writeHead.apply(res, args);
		}) as typeof writeHead;
	}
}

/** Whether a span shows that the request failed. Errors of libraries do not count: the app may expect them. */
function hasFailed({ status, attributes, events, instrumentationScope }: ReadableSpan): boolean {
	if (LIBRARY.test(instrumentationScope.name)) return false;
	return (
		status.code === SpanStatusCode.ERROR ||
		Number(attributes[ATTR_HTTP_RESPONSE_STATUS_CODE]) >= 500 ||
		events.some(({ name }) => name === EVENT_EXCEPTION)
	);
}

const milliseconds = ([seconds, nanoseconds]: HrTime): number => seconds * 1000 + nanoseconds / 1e6;
