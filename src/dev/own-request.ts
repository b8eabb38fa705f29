import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * Whether a request comes from a page of this server, or from a user who typed the address. Requests from
 * another origin are rejected, and so are host names of others that resolve to this machine.
 *
 * @param allowed host names that the developer allows with Vite's `allowedHosts`
 */
export function isOwnRequest({ headers }: IncomingMessage, allowed: readonly string[] | true): boolean {
	const host = String(headers.host ?? headers[':authority'] ?? '');
	const name = host.replace(/:\d+$/, '').toLowerCase();
	const isLocal =
		name === 'localhost' || name.endsWith('.localhost') || isIP(name.replace(/^\[|\]$/g, '')) > 0;
	const isAllowed =
		allowed === true ||
		allowed.some((each) => name === each || (each.startsWith('.') && `.${name}`.endsWith(each)));
	if (!isLocal && !isAllowed) return false;
	if (headers.origin !== undefined && headers.origin.replace(/^https?:\/\//, '') !== host) return false;
	const site = headers['sec-fetch-site'];
	const isVisit = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
	return site === undefined || site === 'same-origin' || site === 'none' || isVisit;
}
