import { quote } from './variable.ts';

/** Parses an absolute URL with http or https; otherwise undefined. */
export function parseUrl(text: string): URL | undefined {
	// `URL` corrects a value like `http:collector`; here it is invalid
	if (!/^https?:\/\/[^/\\]/i.test(text) || !URL.canParse(text)) return undefined;
	return new URL(text);
}

/**
 * Parses a gRPC endpoint: a URL, or a host with or without a port.
 *
 * @param secure whether an endpoint without a scheme uses TLS
 */
export function parseTarget(secure: boolean): (text: string) => URL | undefined {
	return (text) => {
		const isBare = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d+)?$/i.test(text);
		return parseUrl(isBare ? `${secure ? 'https' : 'http'}://${text}` : text);
	};
}

/**
 * A valid URL without credentials, query and fragment, for log messages. A path with an `@` is removed too: a
 * slash in a user name or a password ends the host, so the rest of the credentials is parsed as a path.
 */
export function withoutSecrets(url: string): string {
	const { protocol, host, pathname } = new URL(url);
	return `${protocol}//${host}${/@|%40/.test(pathname) ? '/…' : pathname.replace(/\/+$/, '')}`;
}

/**
 * An invalid URL, quoted, for log messages. The end of the credentials in it is unknown, so the text is cut at
 * the first character that may begin credentials.
 */
export function showUrl(text: string): string {
	const url = parseUrl(text);
	if (url) return quote(withoutSecrets(url.href));

	const [scheme = ''] = /^https?:\/\//i.exec(text) ?? [];
	const rest = text.slice(scheme.length);
	const shown = /@|%40/.test(rest) ? '' : rest.replace(/([?#]|:(?!\/|\d+(\/|$))).*$/s, '$1');
	return quote(shown === rest ? text : `${scheme}${shown}…`);
}
