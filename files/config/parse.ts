import { parseKeyPairsIntoRecord } from '@opentelemetry/core';
import { ValidationError, quote } from './variable.ts';

/*
 * Functions for `Variable.parse`, which convert the text of an environment variable into its value. Where
 * upstream has the same function, the behavior is the same; the unit tests compare the results for the same text.
 */

/** The largest integer: the maximum of the specification, and the longest timer in Node. */
export const MAX_INTEGER: number = 2 ** 31 - 1;

/** The limit of `OTEL_RESOURCE_ATTRIBUTES`, the same as upstream. */
const MAX_ATTRIBUTE_LENGTH = 255;

/** Parses `true` or `false`, case-insensitive. Mirrors `getBooleanFromEnv` of `@opentelemetry/core`. */
export function parseBoolean(text: string): boolean | undefined {
	const value = text.toLowerCase();
	return value === 'true' ? true : value === 'false' ? false : undefined;
}

/** Parses an integer, at least `least`. Stricter than `getNumberFromEnv`, which accepts `1e3` and `0x10`. */
export function parseInteger(least: number): (text: string) => number | undefined {
	return (text) => {
		const value = /^\+?\d+$/.test(text) ? Number(text) : NaN;
		return value >= least && value <= MAX_INTEGER ? value : undefined;
	};
}

/** Parses a decimal number between 0 and 1. */
export function parseRatio(text: string): number | undefined {
	const value = /^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
	return value >= 0 && value <= 1 ? value : undefined;
}

/** Parses a comma-separated list; parts are trimmed, empty ones are ignored. Mirrors `getStringListFromEnv`. */
export function parseList(text: string): string[] | undefined {
	const values = text.split(',').map((value) => value.trim());
	const filled = values.filter((value) => value !== '');
	return filled.length > 0 ? filled : undefined;
}

/** Parses one of the given names, case-insensitive. */
export function parseName<const T extends string>(known: readonly T[]): (text: string) => T | undefined {
	return (text) => known.find((name) => name === text.toLowerCase());
}

/** Parses a list of the given names, case-insensitive and without duplicates; `none` is the empty list. */
export function parseNames<const T extends string>(
	known: readonly T[]
): (text: string) => T[] | ValidationError<T[]> | undefined {
	return (text) => {
		const wanted = [...new Set(parseList(text.toLowerCase()))];
		if (wanted.includes('none')) {
			return wanted.length === 1 ? [] : new ValidationError<T[]>('which combines none with other names', []);
		}
		const found = known.filter((name) => wanted.includes(name));
		// in the order of the list
		found.sort((a, b) => wanted.indexOf(a) - wanted.indexOf(b));
		if (found.length === wanted.length) return found.length > 0 ? found : undefined;

		const unknown = wanted.filter((name) => !known.includes(name as T));
		return new ValidationError(
			`of which ${quote(unknown.join(','))} is unknown`,
			found.length > 0 ? found : undefined
		);
	};
}

/**
 * Parses comma-separated, percent-encoded `key=value` pairs. One invalid pair makes the whole value invalid, as
 * the specification requires. Mirrors `ResourceAttributesEnvDetector` of `@opentelemetry/resources`, but accepts
 * an unencoded `=` in a value, which is common: like the Go SDK, it splits at the first `=`.
 */
export function parseAttributes(
	text: string
): Record<string, string> | ValidationError<Record<string, string>> | undefined {
	const attributes: Record<string, string> = {};
	const unencoded: string[] = [];
	for (const part of text.split(',')) {
		if (part.trim() === '') continue;
		const pair = decodePair(part);
		if (!pair) return undefined;
		const [key, value] = pair;
		attributes[key] = value;
		if (part.indexOf('=') !== part.lastIndexOf('=')) unencoded.push(key);
	}
	if (unencoded.length === 0) return attributes;
	return new ValidationError(
		`with a bare = in the value of ${unencoded.join(', ')}`,
		attributes,
		'the whole value is used. Write %3D for the ='
	);
}

/** Decodes a key and its value; undefined if the pair is invalid. */
function decodePair(part: string): [key: string, value: string] | undefined {
	const at = part.indexOf('=');
	if (at < 0 || part.slice(0, at).trim() === '') return undefined;
	try {
		const key = decodeURIComponent(part.slice(0, at).trim());
		const value = decodeURIComponent(part.slice(at + 1).trim());
		return key.length > MAX_ATTRIBUTE_LENGTH || value.length > MAX_ATTRIBUTE_LENGTH
			? undefined
			: [key, value];
	} catch {
		return undefined;
	}
}

/** Headers of the connection: Node rejects them, or they break the request. */
const FORBIDDEN = new Set([
	'connection',
	'content-length',
	'expect',
	'http2-settings',
	'keep-alive',
	'proxy-connection',
	'te',
	'trailer',
	'transfer-encoding',
	'upgrade'
]);

/** An env file that is not read by a shell keeps the quotes around a value. */
const withoutQuotes = (text: string): string => /^(['"])(.*)\1$/s.exec(text)?.[2] ?? text;

/**
 * Parses comma-separated, percent-encoded `name=value` pairs, with the SDK's own function. As in the SDK, invalid
 * pairs are ignored and the others are used. Headers that Node would not send are ignored too. Names are in lower
 * case.
 */
export function parseHeaders(text: string): Record<string, string> | ValidationError<Record<string, string>> {
	const headers: Record<string, string> = {};
	let bad = 0;
	const cut: string[] = [];
	for (const part of withoutQuotes(text).split(',')) {
		if (part.trim() === '') continue;
		const [[name, value] = ['', '']] = Object.entries(parseKeyPairsIntoRecord(part));
		if (!isSendable(name, value)) {
			bad++;
			continue;
		}
		headers[name.toLowerCase()] = value;
		if (part.includes(';')) cut.push(name.toLowerCase());
	}
	if (bad === 0 && cut.length > 0) {
		return new ValidationError(
			`with a bare ; in ${cut.join(', ')}`,
			headers,
			'the value before the ; is used. Write %3B for it'
		);
	}
	if (bad === 0) return headers;
	const good = Object.keys(headers).length;
	return new ValidationError(
		`with ${bad} malformed ${bad === 1 ? 'pair' : 'pairs'}`,
		good > 0 ? headers : undefined,
		good > 0 ? `the other ${good} ${good === 1 ? 'is' : 'are'} used` : undefined
	);
}

/** Whether Node can send this header, and it is not a header of the connection. */
export function isSendable(name: string, value: string): boolean {
	return (
		/^[!#$%&'*+.^`|~\w-]+$/.test(name) &&
		!/[^\t\x20-\x7e\x80-\xff]/.test(value) &&
		!FORBIDDEN.has(name.toLowerCase())
	);
}
