import type { Wording } from '../otlp/wording.ts';

/** @param maxQueueSize the maximum number of waiting records */
export const wordingOfLogs = (maxQueueSize: number): Wording => ({
	one: 'log record',
	many: 'log records',
	source: 'logger',
	meanwhile: `Up to ${maxQueueSize} log records wait for it, more are dropped`,
	remedy: 'Raise OTEL_SVELTEKIT_LOG_SEVERITY or OTEL_BLRP_MAX_QUEUE_SIZE',
	malformed: 'a circular body or attribute, or an invalid time'
});
