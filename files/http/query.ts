/** Makes a query string fit to be exported. */
export type QueryRedactor = (query: string) => string;

/** What stands for a value, as the HTTP conventions have it. */
const REDACTED = 'REDACTED';

/**
 * Replaces the values of query parameters, whose names stay.
 *
 * @param kept names whose values stay too, or all
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

/** The same for a URL, absolute or not: query and fragment are redacted, credentials are left out. */
export function redactUrl(url: string, redact: QueryRedactor): string {
	return url
		.replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*@/i, '$1//')
		.replace(/([?#])([^#]*)/g, (_, mark: string, text: string) => mark + redact(text));
}
