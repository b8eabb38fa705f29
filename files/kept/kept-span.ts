import { type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** Why a request is exported that the sampler had not chosen: `error` or `slow`. */
export const ATTR_KEPT = 'sveltekit.kept';

/**
 * A span that ended unsampled, as exporters take it: they leave out what is not sampled.
 *
 * @param span which has ended
 * @param more attributes
 */
export function asSampled(span: ReadableSpan, more: ReadableSpan['attributes'] = {}): ReadableSpan {
	const spanContext: SpanContext = {
		...span.spanContext(),
		traceFlags: span.spanContext().traceFlags | TraceFlags.SAMPLED
	};
	const {
		name,
		kind,
		parentSpanContext,
		startTime,
		endTime,
		status,
		links,
		events,
		duration,
		ended,
		resource,
		instrumentationScope,
		droppedAttributesCount,
		droppedEventsCount,
		droppedLinksCount
	} = span;
	return {
		name,
		kind,
		spanContext: () => spanContext,
		...(parentSpanContext && { parentSpanContext }),
		startTime,
		endTime,
		status,
		attributes: { ...span.attributes, ...more },
		links,
		events,
		duration,
		ended,
		resource,
		instrumentationScope,
		droppedAttributesCount,
		droppedEventsCount,
		droppedLinksCount
	};
}
