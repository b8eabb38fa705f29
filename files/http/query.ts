/** Redacts a query string before it is exported. */
export type QueryRedactor = (query: string) => string;

/** The replacement for a value, as defined in the HTTP conventions. */
const REDACTED = 'REDACTED';

/**
 * Replaces the values of query parameters and keeps their names.
 *
 * @param kept names of the parameters whose values are kept, or `true` for all
 */
export function createQueryRedactor(kept: readonly string[] | true): QueryRedactor {
	if (kept === true) return (query) => query;
	const names = new Set(kept);

	return (query) =>
		query
			.split('&')
			.map((pair) => {
				const at = pair.indexOf('=');
				if (at < 0 || names.has(decode(pair.slice(0, at)))) return pair;
				return `${pair.slice(0, at)}=${REDACTED}`;
			})
			.join('&');
}

function decode(name: string): string {
	try {
		return decodeURIComponent(name.replaceAll('+', ' '));
	} catch {
		return name;
	}
}

/** Redacts the query and fragment of a URL, absolute or relative, and removes its credentials. */
export function redactUrl(url: string, redact: QueryRedactor): string {
	return url
		.replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*@/i, '$1//')
		.replace(/([?#])([^#]*)/g, (_, mark: string, text: string) => mark + redact(text));
}
