/** Estimated bytes of an attribute without its string value. */
const ATTRIBUTE_BYTES = 64;

/**
 * Estimates the memory of a value or of a set of attributes, in bytes, as an upper bound: two bytes per
 * character. Attributes may be nested; values other than strings are small, or are counted by their entries.
 */
export function sizeOfValue(value: unknown): number {
	if (typeof value === 'string') return 2 * value.length;
	if (typeof value !== 'object' || value === null) return 0;
	if (ArrayBuffer.isView(value)) return value.byteLength;
	let size = 0;
	for (const entry of Object.values(value)) size += ATTRIBUTE_BYTES + sizeOfValue(entry);
	return size;
}
