import type { Wording } from '../otlp/wording.ts';

/** @param maxQueueSize the maximum number of spans in the queue */
export const wordingOfSpans = (maxQueueSize: number): Wording => ({
	one: 'span',
	many: 'spans',
	source: 'tracer',
	meanwhile: `Up to ${maxQueueSize} spans wait for it, more are dropped`,
	remedy: 'Lower OTEL_TRACES_SAMPLER_ARG or raise OTEL_BSP_MAX_QUEUE_SIZE',
	malformed: 'a name that is not a string, or an invalid time or link'
});
