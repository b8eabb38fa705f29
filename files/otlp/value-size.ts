/** What an attribute takes without its text. */
const ATTRIBUTE_BYTES = 64;

/**
 * The memory that a value, or a set of attributes, holds, in bytes, estimated from above: two bytes a
 * character. Attributes may be nested; what is not text is small, or has its entries.
 */
export function sizeOfValue(value: unknown): number {
	if (typeof value === 'string') return 2 * value.length;
	if (typeof value !== 'object' || value === null) return 0;
	if (ArrayBuffer.isView(value)) return value.byteLength;
	let size = 0;
	for (const entry of Object.values(value)) size += ATTRIBUTE_BYTES + sizeOfValue(entry);
	return size;
}
