import { parseRatio } from './parse.ts';
import { parsePattern } from './pattern.ts';
import { Flaw, quote } from './variable.ts';

/** A pattern, and after its last colon a ratio, up to a comma or the end: the first that fits. */
const PAIR = /\s*(.+?)\s*:\s*(\+?[\d.]+(?:e[+-]?\d+)?)\s*(?:,|$)/iy;

/**
 * `PATTERN:RATIO` pairs between commas, for `Variable.parse`; `none` alone is none. A regular expression may
 * hold colons and commas, but for a comma that follows a colon and a number: that is `\x2c`.
 */
export function parseSample(text: string): Record<string, number> | Flaw<Record<string, number>> | undefined {
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
		// with a comma in it, it is a part without a ratio and the next one
		const isPattern = pattern !== undefined && (typeof pattern !== 'string' || !pattern.includes(','));
		if (ratio === undefined || !isPattern) bad.push(all.trim().replace(/,$/, ''));
		else ratios[name!] ??= ratio;
	}
	if (bad.length === 0) return ratios;
	const hasGood = Object.keys(ratios).length > 0;
	return new Flaw(
		`of which ${quote(bad.join(','))} is no pattern with a ratio from 0 to 1`,
		hasGood ? ratios : undefined,
		hasGood ? 'the others are used' : undefined
	);
}
