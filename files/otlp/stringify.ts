/** Where what follows cannot be right as it is: a number that JSON has no word for, or half a character. */
const SUSPECT = /[:[,]null|"intValue":-?(?:\d{19}|\d[\d.]*e)|\\ud[89a-f]/;

const TWO_TO_63 = 2 ** 63;

/**
 * Writes a request of OTLP as JSON. Upstream writes `JSON.stringify`, in which `NaN` and infinity become null,
 * and integers beyond 64 bits an integer all the same: a collector then refuses the whole request. `rollup.config.js`
 * puts this in its place.
 *
 * Protobuf's mapping has texts for such numbers (https://protobuf.dev/programming-guides/json/), and integers that
 * no `int64` holds are doubles, as in the binary form. Half of a surrogate pair is no text: U+FFFD stands for it.
 *
 * @param request as upstream has made it
 */
export function stringify(request: unknown): string {
	const text = JSON.stringify(request);
	// few have any of it, and to look at each value takes several times as long
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
