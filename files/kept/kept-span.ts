import { TraceFlags } from '@opentelemetry/api';
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
	const context = span.spanContext();
	const sampled = { ...context, traceFlags: context.traceFlags | TraceFlags.SAMPLED };
	const changed: Partial<ReadableSpan> = {
		spanContext: () => sampled,
		attributes: { ...span.attributes, ...more }
	};
	return new Proxy(span, {
		// the getters of a span read its private fields, which a proxy does not have
		get: (target, key) => Reflect.get(key in changed ? changed : target, key)
	});
}
