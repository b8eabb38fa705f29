import { parseBoolean, parseInteger, parseList, parseNames } from './parse.ts';
import type { Variable } from './variable.ts';

/* Functions that define the common kinds of variables. */

/** Checks the shape of a variable, and infers its types. */
export const define = <T, F extends T | undefined>(variable: Variable<T, F>): Variable<T, F> => variable;

/** Defines a variable with an integer. */
export function count<F extends number | undefined>(
	name: string,
	fallback: F,
	least = 0
): Variable<number, F> {
	return {
		name,
		expected: `a whole number${least > 0 ? ' above 0' : ', 0 or more'}`,
		fallback,
		...(fallback === undefined && { fallbackText: 'no limit' }),
		parse: parseInteger(least)
	};
}

/** Defines a variable with a time in milliseconds. */
export function milliseconds(name: string, fallback: number, least = 0): Variable<number, number> {
	return {
		...count(name, fallback, least),
		expected: `milliseconds, a whole number${least > 0 ? ' above 0' : ', 0 or more'}`,
		fallbackText: `${fallback} ms`
	};
}

/** Defines a variable that is `true` or `false`. */
export function flag(name: string): Variable<boolean, boolean> {
	return { name, expected: 'true or false', fallback: false, parse: parseBoolean };
}

/** Defines a variable with a list of known names. */
export function names<const T extends string>(
	name: string,
	known: readonly T[],
	fallback: NoInfer<T>[]
): Variable<T[], T[]> {
	return {
		name,
		expected: `comma-separated names: ${known.join(', ')}; or none`,
		fallback,
		parse: parseNames(known)
	};
}

/** Defines a variable with a list of any names. */
export function list(name: string, fallbackText: string): Variable<string[], undefined> {
	return { name, expected: 'comma-separated names', fallback: undefined, fallbackText, parse: parseList };
}

/** Defines a variable with any text. */
export function text(name: string, expected: string, fallbackText: string): Variable<string, undefined> {
	return { name, expected, fallback: undefined, fallbackText, parse: (value) => value };
}
