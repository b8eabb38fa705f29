import type { Pattern } from '../types/build-manifest.d.ts';
import { parseList } from './parse.ts';
import { Flaw, quote } from './variable.ts';

/**
 * A test for strings against any of the patterns: strings as they are, globs in which `*` stands for
 * anything but a slash and `**` for anything, and regular expressions. Everything else in a string stands
 * for itself, for route ids are full of brackets (which is why this is not a glob library's dialect).
 *
 * @param patterns none of them matches nothing
 */
export function matcher(patterns: readonly Pattern[]): (text: string) => boolean {
	const exact = new Set(patterns.filter((pattern) => typeof pattern === 'string'));
	const expressions = [
		...[...exact].filter((pattern) => pattern.includes('*')).map(globToRegExp),
		...patterns
			.filter((pattern) => typeof pattern !== 'string')
			// a global or sticky expression remembers where it stopped
			.map(({ source, flags }) => new RegExp(source, flags.replace(/[gy]/g, '')))
	];
	return (text) => exact.has(text) || expressions.some((expression) => expression.test(text));
}

function globToRegExp(glob: string): RegExp {
	const source = glob
		.replace(/[\\^$.|?+()[\]{}]/g, '\\$&')
		.replace(/\*\*|\*/g, (stars) => (stars === '**' ? '.*' : '[^/]*'));
	return new RegExp(`^${source}$`);
}

/**
 * One pattern: `/…/` and `/…/i` are regular expressions if they have a character that means something in one,
 * for `/api/i` is a path.
 *
 * @returns undefined for what looks like a regular expression and is none
 */
export function parsePattern(text: string): Pattern | undefined {
	const [, source, flags] = /^\/(.+)\/(i?)$/.exec(text) ?? [];
	if (source === undefined || flags === undefined || !/[\\^$.|?+()[\]{}]/.test(source)) return text;
	try {
		return { source: new RegExp(source, flags).source, flags };
	} catch {
		return undefined;
	}
}

/** Patterns between commas, for `Variable.parse`; `none` alone is no pattern. */
export function parsePatterns(text: string): Pattern[] | Flaw<Pattern[]> | undefined {
	const parts = parseList(text);
	if (!parts) return undefined;
	if (parts.length === 1 && parts[0]!.toLowerCase() === 'none') return [];

	const bad: string[] = [];
	const patterns = parts.flatMap((part): Pattern[] => {
		const pattern = parsePattern(part);
		if (pattern === undefined) bad.push(part);
		return pattern === undefined ? [] : [pattern];
	});
	if (bad.length === 0) return patterns;
	return new Flaw(
		`of which ${quote(bad.join(','))} is no regular expression`,
		patterns.length > 0 ? patterns : undefined,
		patterns.length > 0 ? 'the others are used' : undefined
	);
}
