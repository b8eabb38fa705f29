import { type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** Why an unsampled request is exported: `error` or `slow`. */
export const ATTR_KEPT = 'sveltekit.kept';

/**
 * Returns an unsampled span as a sampled one, because processors do not export unsampled spans.
 *
 * @param span the ended span
 * @param more attributes to add
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
