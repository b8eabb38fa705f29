import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { sizeOfValue } from '../otlp/value-size.ts';

/** Estimated bytes of a span, an event or a link without its attributes. */
const SPAN_BYTES = 1024;
const ENTRY_BYTES = 256;

/** Estimates the memory of a span, in bytes, as an upper bound: two bytes per character, and no shared values. */
export function sizeOf(span: ReadableSpan): number {
	let size = SPAN_BYTES + sizeOfValue(span.name) + sizeOfValue(span.attributes);
	for (const { name, attributes } of span.events) {
		size += ENTRY_BYTES + sizeOfValue(name) + sizeOfValue(attributes);
	}
	for (const { attributes } of span.links) size += ENTRY_BYTES + sizeOfValue(attributes);
	return size + sizeOfValue(span.status.message);
}
