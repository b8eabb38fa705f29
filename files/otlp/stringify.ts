/** Finds what may be wrong in the JSON: numbers that JSON cannot represent, and lone surrogates. */
const SUSPECT = /[:[,]null|"intValue":-?(?:\d{19}|\d[\d.]*e)|\\ud[89a-f]/;

const TWO_TO_63 = 2 ** 63;

/**
 * Serializes an OTLP request as JSON. Upstream calls `JSON.stringify`, which turns `NaN` and infinity into null
 * and writes integers beyond 64 bits as integers. A collector then rejects the whole request. `rollup.config.js`
 * replaces upstream's function with this one.
 *
 * The JSON mapping of protobuf defines strings for such numbers (https://protobuf.dev/programming-guides/json/).
 * Integers that do not fit into `int64` become doubles, as in the binary format. A lone surrogate is not valid
 * Unicode and becomes U+FFFD.
 *
 * @param request the request object that upstream created
 */
export function stringify(request: unknown): string {
	const text = JSON.stringify(request);
	// few requests need it, and checking each value takes several times as long
	return SUSPECT.test(text) ? JSON.stringify(request, replace) : text;
}

function replace(_key: string, value: unknown): unknown {
	if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
	if (typeof value === 'string') return value.toWellFormed();
	if (typeof value !== 'object' || value === null || !('intValue' in value)) return value;
	const { intValue } = value;
	const isWide = typeof intValue === 'number' && (intValue < -TWO_TO_63 || intValue >= TWO_TO_63);
	return isWide ? { doubleValue: intValue } : value;
}
