import { parseRatio } from './parse.ts';
import { parsePattern } from './pattern.ts';
import { ValidationError, quote } from './variable.ts';

/** A pattern, a colon, and a ratio before a comma or the end. The shortest match is used. */
const PAIR = /\s*(.+?)\s*:\s*(\+?[\d.]+(?:e[+-]?\d+)?)\s*(?:,|$)/iy;

/**
 * Parses comma-separated `PATTERN:RATIO` pairs, for `Variable.parse`; `none` is an empty list. A regular
 * expression may contain colons and commas, except a comma after a colon and a number; write `\x2c` for that
 * comma.
 */
export function parseSample(
	text: string
): Record<string, number> | ValidationError<Record<string, number>> | undefined {
	if (text.toLowerCase() === 'none') return {};
	const ratios: Record<string, number> = {};
	const bad: string[] = [];
	let rest = text;
	while (rest.trim() !== '') {
		PAIR.lastIndex = 0;
		const [all, name, number] = PAIR.exec(rest) ?? [rest];
		rest = rest.slice(all.length);
		const ratio = number === undefined ? undefined : parseRatio(number);
		const pattern = name === undefined ? undefined : parsePattern(name);
		// a string with a comma is a part without a ratio, followed by the next part
		const isPattern = pattern !== undefined && (typeof pattern !== 'string' || !pattern.includes(','));
		if (ratio === undefined || !isPattern) bad.push(all.trim().replace(/,$/, ''));
		else ratios[name!] ??= ratio;
	}
	if (bad.length === 0) return ratios;
	const hasGood = Object.keys(ratios).length > 0;
	return new ValidationError(
		`of which ${quote(bad.join(','))} is not a pattern with a ratio from 0 to 1`,
		hasGood ? ratios : undefined,
		hasGood ? 'the others are used' : undefined
	);
}
