/*
 * How texts of the environment become values. Each function answers undefined for a text that is not
 * valid, and never throws. Behaviour that exists upstream is upstream's; the unit tests hold each against
 * upstream's answer for the same text.
 */

/** `true` or `false`, in any letter case. Mirrors `getBooleanFromEnv` of `@opentelemetry/core`. */
export function parseBoolean(text: string): boolean | undefined {
	const value = text.toLowerCase();
	return value === 'true' ? true : value === 'false' ? false : undefined;
}

/** A whole number from `least` upwards. Stricter than `getNumberFromEnv`, which takes `1e3` and `0x10`. */
export function parseInteger(least: number): (text: string) => number | undefined {
	return (text) => {
		const value = /^\+?\d{1,15}$/.test(text) ? Number(text) : NaN;
		return value >= least ? value : undefined;
	};
}

/** A decimal number between 0 and 1. */
export function parseRatio(text: string): number | undefined {
	const value = /^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
	return value >= 0 && value <= 1 ? value : undefined;
}

/** The parts between commas, trimmed, without empty ones. Mirrors `getStringListFromEnv`. */
export function parseList(text: string): string[] | undefined {
	const values = text.split(',').map((value) => value.trim());
	const filled = values.filter((value) => value !== '');
	return filled.length > 0 ? filled : undefined;
}

/** One of the given names, in any letter case. */
export function parseName<const T extends string>(names: readonly T[]): (text: string) => T | undefined {
	return (text) => names.find((name) => name === text.toLowerCase());
}

/**
 * `key=value` pairs between commas, percent-decoded: the form of baggage that the specification gives to
 * `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_EXPORTER_OTLP_HEADERS`. One bad pair makes all of it invalid, as the
 * resource specification asks.
 */
export function parsePairs(text: string): Record<string, string> | undefined {
	const pairs: Record<string, string> = {};
	for (const part of text.split(',')) {
		if (part.trim() === '') continue;
		const at = part.indexOf('=');
		if (at <= 0) return undefined;
		try {
			const key = decodeURIComponent(part.slice(0, at).trim());
			if (key === '') return undefined;
			pairs[key] = decodeURIComponent(part.slice(at + 1).trim());
		} catch {
			return undefined;
		}
	}
	return pairs;
}

/** An absolute URL with one of the given schemes. */
export function parseUrl(text: string, schemes: readonly string[] = ['http:', 'https:']): URL | undefined {
	if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return undefined;
	const url = new URL(text);
	return schemes.includes(url.protocol) && url.hostname !== '' ? url : undefined;
}

/** A URL, or what was meant to be one, without credentials, query and fragment. */
export function withoutSecrets(url: string): string {
	return url
		.replace(/[?#].*$/s, '')
		.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i, '$1')
		.replace(/\/+$/, '');
}
