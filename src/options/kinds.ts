import type { Pattern } from '../../files/types/build-manifest.d.ts';

/**
 * A kind of option: what is valid, and how JSON carries it to the server.
 *
 * @typeParam T the type of the option
 * @typeParam J the type of its JSON
 */
export interface OptionKind<T, J = T> {
	/** Follows "expected" in the error message. */
	expected: string;
	isValid(value: unknown): boolean;
	/** The form that the server reads. Default: the value as it is. */
	toJson?(value: T): J;
}

const isString = (value: unknown): value is string => typeof value === 'string';

/** Whether a value is a plain object or an instance of a class, and no array. */
export const isObject = (value: unknown): value is object =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any string. */
export const STRING: OptionKind<string> = { expected: 'a string', isValid: isString };

/** `true` or `false`. */
export const BOOLEAN: OptionKind<boolean> = {
	expected: 'true or false',
	isValid: (value) => typeof value === 'boolean'
};

/** A time in milliseconds. */
export const MILLISECONDS: OptionKind<number> = {
	expected: 'milliseconds, a whole number, 0 or more',
	isValid: (value) => Number.isSafeInteger(value) && (value as number) >= 0
};

/** Ratios of patterns. */
export const RATIOS: OptionKind<Record<string, number>> = {
	expected: 'an object of numbers from 0 to 1',
	isValid: (value) =>
		isObject(value) &&
		Object.values(value).every((ratio) => typeof ratio === 'number' && ratio >= 0 && ratio <= 1)
};

/** A number of things of which there is at least one. */
export const COUNT: OptionKind<number> = {
	expected: 'a whole number above 0',
	isValid: (value) => Number.isSafeInteger(value) && (value as number) > 0
};

const SEVERITIES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** The name of a severity of log records. */
export const SEVERITY: OptionKind<(typeof SEVERITIES)[number]> = {
	expected: SEVERITIES.join(', '),
	isValid: (value) => SEVERITIES.some((name) => name === value)
};

/** Names, or `true` for all. */
export const NAMES_OR_ALL: OptionKind<string[] | true> = {
	expected: 'an array of names, or true',
	isValid: (value) => value === true || (Array.isArray(value) && value.every(isString))
};

/** Attributes of the resource. */
export const ATTRIBUTES: OptionKind<Record<string, string | number | boolean>> = {
	expected: 'an object of strings, numbers and booleans',
	isValid: (value) =>
		isObject(value) &&
		Object.values(value).every((item) => ['string', 'number', 'boolean'].includes(typeof item))
};

/** Strings and regular expressions. */
export const PATTERNS: OptionKind<(string | RegExp)[], Pattern[]> = {
	expected: 'an array of strings and regular expressions',
	isValid: (value) => Array.isArray(value) && value.every((item) => isString(item) || item instanceof RegExp),
	toJson: (value) => value.map(toPattern)
};

/** Options of packages, or `false` for a package. */
export const PACKAGE_OPTIONS: OptionKind<Record<string, Record<string, unknown> | false>> = {
	// functions do not survive the build
	expected:
		'an object with options that JSON can say, or false, for each package; functions belong in src/instrumentation.server',
	isValid: (value) =>
		isObject(value) &&
		Object.values(value).every((item) => item === false || (isObject(item) && isJson(item)))
};

/** A regular expression in a form that JSON can carry. */
export const toPattern = (value: string | RegExp): Pattern =>
	isString(value) ? value : { source: value.source, flags: value.flags };

function isJson(value: unknown): boolean {
	if (Array.isArray(value)) return value.every(isJson);
	if (typeof value !== 'object' || value === null)
		return ['string', 'number', 'boolean'].includes(typeof value) || value === null;
	return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
}
