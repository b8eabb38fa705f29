import { LOG_EVERY_MS, log } from '../diagnostics/log.ts';

/** Limits for the requests that are held, most of which are not exported. */
export const BOUNDS = {
	/** Requests at once. */
	requests: 4096,
	/** Bytes of all requests. */
	bytes: 32 * 1024 * 1024,
	/** Spans of one request. */
	requestSpans: 1024,
	/** Bytes of one request. */
	requestBytes: 2 * 1024 * 1024,
	/** How long a request is held, in milliseconds: a stream may last for hours. */
	ageMs: 600_000
};

/** The limit that was reached: of all requests, or of one request. */
export type Bound = 'memory' | 'spans' | 'age';

const REASONS: Record<Bound, string> = {
	memory: `more than ${BOUNDS.requests} requests or ${BOUNDS.bytes / 1024 / 1024} MiB of spans were open at once`,
	spans: `they had more than ${BOUNDS.requestSpans} spans or ${BOUNDS.requestBytes / 1024 / 1024} MiB of them`,
	age: `they took longer than ${BOUNDS.ageMs / 60_000} minutes`
};

/** Counts and logs the requests that were dropped before it was known whether to keep them. */
export class Discards {
	readonly #counts: Record<Bound, number> = { memory: 0, spans: 0, age: 0 };
	#loggedAt = -Infinity;

	/** The number so far. */
	get count(): number {
		return Object.values(this.#counts).reduce((sum, count) => sum + count, 0);
	}

	/** Counts one more request. */
	add(bound: Bound, now: number): void {
		this.#counts[bound]++;
		if (now - this.#loggedAt < LOG_EVERY_MS) return;
		this.#loggedAt = now;
		const reasons = Object.entries(this.#counts).filter(([, count]) => count > 0);
		log(
			// long event streams are not unusual
			reasons.some(([each]) => each !== 'age') ? 'warn' : 'info',
			`${this.count} requests so far were dropped before they ended and are not kept: ${reasons.map(([each, count]) => `${count} for ${REASONS[each as Bound]}`).join('; ')}. Exclude requests that hang or stream with OTEL_SVELTEKIT_IGNORE`
		);
	}
}
