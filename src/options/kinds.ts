import type { Pattern } from '../../files/types/build-manifest.d.ts';
import type { TelemetryOptions } from '../telemetry-options.d.ts';

/**
 * A kind of option: which values are valid, and how they are stored as JSON for the server.
 *
 * @typeParam T the type of the option
 * @typeParam J the type of the JSON value
 */
export interface OptionKind<T, J = T> {
	/** The text after "expected" in the error message. */
	expected: string;
	isValid(value: unknown): boolean;
	/** Converts a value to the JSON that the server reads. Default: the value unchanged. */
	toJson?(value: T): J;
}

const isString = (value: unknown): value is string => typeof value === 'string';

/** Whether a value is a plain object or an instance of a class, but not an array. */
export const isObject = (value: unknown): value is object =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any string. */
export const STRING: OptionKind<string> = { expected: 'a string', isValid: isString };

/** `true` or `false`. */
export const BOOLEAN: OptionKind<boolean> = {
	expected: 'true or false',
	isValid: (value) => typeof value === 'boolean'
};

/** A duration in milliseconds. */
export const MILLISECONDS: OptionKind<number> = {
	expected: 'milliseconds, a whole number, 0 or more',
	isValid: (value) => Number.isSafeInteger(value) && (value as number) >= 0
};

/** Sampling ratios by pattern. */
export const RATIOS: OptionKind<Record<string, number>> = {
	expected: 'an object of numbers from 0 to 1',
	isValid: (value) =>
		isObject(value) &&
		Object.values(value).every((ratio) => typeof ratio === 'number' && ratio >= 0 && ratio <= 1)
};

/** A positive integer. */
export const COUNT: OptionKind<number> = {
	expected: 'a whole number above 0',
	isValid: (value) => Number.isSafeInteger(value) && (value as number) > 0
};

type Severity = NonNullable<TelemetryOptions['logSeverity']>;

/** Complete by type, as the numbers of `files/config/severity.ts` are. */
const SEVERITIES: Record<Severity, true> = {
	trace: true,
	debug: true,
	info: true,
	warn: true,
	error: true,
	fatal: true
};

/** The name of a log severity. */
export const SEVERITY: OptionKind<Severity> = {
	expected: Object.keys(SEVERITIES).join(', '),
	isValid: (value) => isString(value) && Object.hasOwn(SEVERITIES, value)
};

/** An array of names, or `true` for all. */
export const NAMES_OR_ALL: OptionKind<string[] | true> = {
	expected: 'an array of names, or true',
	isValid: (value) => value === true || (Array.isArray(value) && value.every(isString))
};

/** Resource attributes. */
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

/** Options by package, or `false` to disable a package. */
export const PACKAGE_OPTIONS: OptionKind<Record<string, Record<string, unknown> | false>> = {
	// functions cannot be stored as JSON
	expected:
		'an object with options that JSON can represent, or false, for each package; functions belong in src/instrumentation.server',
	isValid: (value) =>
		isObject(value) &&
		Object.values(value).every((item) => item === false || (isObject(item) && isJson(item)))
};

/** Converts a regular expression to JSON. */
const toPattern = (value: string | RegExp): Pattern =>
	isString(value) ? value : { source: value.source, flags: value.flags };

function isJson(value: unknown): boolean {
	if (Array.isArray(value)) return value.every(isJson);
	if (typeof value !== 'object' || value === null)
		return ['string', 'number', 'boolean'].includes(typeof value) || value === null;
	return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
}
