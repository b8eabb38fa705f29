/** Patterns of a configuration file, in which `?` matches one character and `*` any number of them. */
interface IncludeExclude {
	included?: string[];
	excluded?: string[];
}

const toSource = (pattern: string): string =>
	pattern
		.replace(/[\\^$.|+()[\]{}]/g, '\\$&')
		.replaceAll('?', '.')
		.replaceAll('*', '.*');

const anyOf = (patterns: readonly string[]): string => `(?:${patterns.map(toSource).join('|')})$`;

/** The expression for what is included (default: all) and not excluded. */
export const toExpression = ({ included = ['*'], excluded }: IncludeExclude): RegExp =>
	new RegExp(`^${excluded ? `(?!${anyOf(excluded)})` : ''}${anyOf(included)}`, 's');
