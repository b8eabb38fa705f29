import type { HrTime } from '@opentelemetry/api';

/** The number of lines in one millisecond that get different times. */
const MAX_LINES = 999;

/**
 * A clock for lines. It returns the time in milliseconds. Within one millisecond each line is a
 * microsecond later than the last, so that a backend that sorts by time keeps the order.
 */
export function createLineClock(now: () => number = Date.now): () => HrTime {
	let lastMs = 0;
	let line = 0;
	return () => {
		const ms = now();
		line = ms === lastMs ? Math.min(line + 1, MAX_LINES) : 0;
		lastMs = ms;
		return [Math.floor(ms / 1000), (ms % 1000) * 1e6 + line * 1000];
	};
}
