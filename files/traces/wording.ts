import type { Wording } from '../otlp/wording.ts';

/**
 * @param maxQueueSize the maximum number of spans in the queue
 * @param isOfFile whether the settings are those of a configuration file, which has the variables ignored
 */
export const wordingOfSpans = (maxQueueSize: number, isOfFile?: boolean): Wording => ({
	one: 'span',
	many: 'spans',
	source: 'tracer',
	maxQueueSize,
	remedy: isOfFile
		? 'Sample fewer traces or raise max_queue_size in the file of OTEL_CONFIG_FILE'
		: 'Lower OTEL_TRACES_SAMPLER_ARG or raise OTEL_BSP_MAX_QUEUE_SIZE',
	malformed: 'a name that is not a string, or an invalid time or link'
});
