import { quote } from './variable.ts';

/** An absolute URL of http or https, or undefined. */
export function parseUrl(text: string): URL | undefined {
	// what `URL` itself would mend (`http:collector`) is a mistake here
	if (!/^https?:\/\/[^/\\]/i.test(text) || !URL.canParse(text)) return undefined;
	return new URL(text);
}

/**
 * What gRPC accepts for a collector: a URL, or a host with or without a port.
 *
 * @param secure whether a target without a scheme means TLS
 */
export function parseTarget(secure: boolean): (text: string) => URL | undefined {
	return (text) => {
		const isBare = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d+)?$/i.test(text);
		return parseUrl(isBare ? `${secure ? 'https' : 'http'}://${text}` : text);
	};
}

/**
 * A valid URL without credentials, query and fragment: fit to be shown. A path with an `@` is not: a slash
 * in a user or a password ends the host, and the rest of them is a path then.
 */
export function withoutSecrets(url: string): string {
	const { protocol, host, pathname } = new URL(url);
	return `${protocol}//${host}${/@|%40/.test(pathname) ? '/…' : pathname.replace(/\/+$/, '')}`;
}

/**
 * What was meant to be a URL, quoted. Where credentials end in it cannot be known: from the first sign of
 * any on, it is cut.
 */
export function showUrl(text: string): string {
	const url = parseUrl(text);
	if (url) return quote(withoutSecrets(url.href));

	const [scheme = ''] = /^https?:\/\//i.exec(text) ?? [];
	const rest = text.slice(scheme.length);
	const shown = /@|%40/.test(rest) ? '' : rest.replace(/([?#]|:(?!\/|\d+(\/|$))).*$/s, '$1');
	return quote(shown === rest ? text : `${scheme}${shown}…`);
}
