import type { Pattern } from '../types/build-manifest.d.ts';
import { parseList } from './parse.ts';
import { ValidationError, quote } from './variable.ts';

/**
 * Creates a test whether a string matches any of the patterns: strings, globs in which `*` matches anything
 * except a slash and `**` matches anything, and regular expressions. All other characters of a string match
 * literally, because route ids contain many brackets (so this does not use the syntax of a glob library).
 *
 * @param patterns an empty list matches nothing
 */
export function matcher(patterns: readonly Pattern[]): (text: string) => boolean {
	const exact = new Set(patterns.filter((pattern) => typeof pattern === 'string'));
	const expressions = [
		...[...exact].filter((pattern) => pattern.includes('*')).map(globToRegExp),
		...patterns
			.filter((pattern) => typeof pattern !== 'string')
			// a global or sticky regular expression keeps its `lastIndex`
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
 * Parses one pattern. `/…/` and `/…/i` are regular expressions only if they contain a special character, because
 * `/api/i` is a path.
 *
 * @returns undefined for an invalid regular expression
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

/** Parses comma-separated patterns, for `Variable.parse`; `none` is an empty list. */
export function parsePatterns(text: string): Pattern[] | ValidationError<Pattern[]> | undefined {
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
	return new ValidationError(
		`of which ${quote(bad.join(','))} is not a regular expression`,
		patterns.length > 0 ? patterns : undefined,
		patterns.length > 0 ? 'the others are used' : undefined
	);
}
