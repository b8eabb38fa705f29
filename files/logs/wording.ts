import type { Wording } from '../otlp/wording.ts';

/**
 * @param maxQueueSize the maximum number of waiting records
 * @param isOfFile whether the settings are those of a configuration file, which has the SDK's variables ignored
 */
export const wordingOfLogs = (maxQueueSize: number, isOfFile?: boolean): Wording => ({
	one: 'log record',
	many: 'log records',
	source: 'logger',
	maxQueueSize,
	remedy: `Raise OTEL_SVELTEKIT_LOG_SEVERITY or ${isOfFile ? 'max_queue_size in the file of OTEL_CONFIG_FILE' : 'OTEL_BLRP_MAX_QUEUE_SIZE'}`,
	malformed: 'a circular body or attribute, or an invalid time'
});
