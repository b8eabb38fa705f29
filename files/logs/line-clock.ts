import type { HrTime } from '@opentelemetry/api';

/** Lines of one millisecond that are told apart. */
const MAX_LINES = 999;

/**
 * A clock for lines: the time in milliseconds, and within one of them each line a microsecond after the last,
 * so that a backend which sorts by time keeps their order.
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
