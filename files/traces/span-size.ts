import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** What a span, an event or a link takes without its attributes, and an attribute without its text. */
const SPAN_BYTES = 1024;
const ENTRY_BYTES = 256;
const ATTRIBUTE_BYTES = 64;

/**
 * The memory that a span holds, in bytes, estimated from above: two bytes a character, and everything
 * counted as if nothing were shared.
 */
export function sizeOf(span: ReadableSpan): number {
	let size = SPAN_BYTES + sizeOfText(span.name) + sizeOfAttributes(span.attributes);
	for (const { name, attributes } of span.events) {
		size += ENTRY_BYTES + sizeOfText(name) + sizeOfAttributes(attributes);
	}
	for (const { attributes } of span.links) size += ENTRY_BYTES + sizeOfAttributes(attributes);
	return size + sizeOfText(span.status.message);
}

/** What the app calls a name may be anything: the exporter sees to that. */
function sizeOfText(text: unknown): number {
	return typeof text === 'string' ? 2 * text.length : 0;
}

function sizeOfAttributes(attributes: Attributes | undefined): number {
	let size = 0;
	for (const key in attributes) size += ATTRIBUTE_BYTES + sizeOfValue(attributes[key]);
	return size;
}

/** Attributes may be nested; what is not text is small, or has its entries. */
function sizeOfValue(value: unknown): number {
	if (typeof value === 'string') return 2 * value.length;
	if (typeof value !== 'object' || value === null) return 0;
	if (ArrayBuffer.isView(value)) return value.byteLength;
	let size = 0;
	for (const entry of Object.values(value)) size += ATTRIBUTE_BYTES + sizeOfValue(entry);
	return size;
}
