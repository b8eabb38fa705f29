import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { sizeOfValue } from '../otlp/value-size.ts';

/** What a span, an event or a link takes without its attributes. */
const SPAN_BYTES = 1024;
const ENTRY_BYTES = 256;

/**
 * The memory that a span holds, in bytes, estimated from above: two bytes a character, and everything
 * counted as if nothing were shared.
 */
export function sizeOf(span: ReadableSpan): number {
	let size = SPAN_BYTES + sizeOfValue(span.name) + sizeOfValue(span.attributes);
	for (const { name, attributes } of span.events) {
		size += ENTRY_BYTES + sizeOfValue(name) + sizeOfValue(attributes);
	}
	for (const { attributes } of span.links) size += ENTRY_BYTES + sizeOfValue(attributes);
	return size + sizeOfValue(span.status.message);
}
