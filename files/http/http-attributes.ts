import type { Attributes } from '@opentelemetry/api';
import {
	ATTR_CLIENT_ADDRESS,
	ATTR_HTTP_REQUEST_METHOD,
	ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
	ATTR_NETWORK_PEER_ADDRESS,
	ATTR_NETWORK_PEER_PORT,
	ATTR_NETWORK_PROTOCOL_VERSION,
	ATTR_SERVER_ADDRESS,
	ATTR_SERVER_PORT,
	ATTR_URL_PATH,
	ATTR_URL_QUERY,
	ATTR_URL_SCHEME,
	ATTR_USER_AGENT_ORIGINAL,
	HTTP_REQUEST_METHOD_VALUE_OTHER
} from '@opentelemetry/semantic-conventions';
import type { IncomingMessage } from 'node:http';
import { isKnownMethod } from './methods.ts';
import type { Proxy } from './proxy.ts';
import type { QueryRedactor } from './query.ts';

/** The requested path, as the client sent it. */
export function pathOf(req: IncomingMessage): string {
	const target = targetOf(req);
	const at = target.indexOf('?');
	return at < 0 ? target : target.slice(0, at);
}

/** Path and query, without what a client may send before them, such as credentials. */
function targetOf(req: IncomingMessage): string {
	// Express and similar frameworks remove the mount path from `url` and keep the full URL in `originalUrl`
	const target = (req as { originalUrl?: string }).originalUrl ?? req.url ?? '/';
	if (target.startsWith('/')) return target;
	return target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '') || '/';
}

/**
 * The attributes that the semantic conventions define for the start of a request's span
 * (https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span).
 *
 * @param req the request
 * @param proxy adapter-node's proxy settings
 * @param redact redacts the query
 */
export function requestAttributes(req: IncomingMessage, proxy: Proxy, redact: QueryRedactor): Attributes {
	const attributes: Attributes = {};
	const { method = '', socket, headers } = req;

	if (isKnownMethod(method)) {
		attributes[ATTR_HTTP_REQUEST_METHOD] = method;
	} else {
		attributes[ATTR_HTTP_REQUEST_METHOD] = HTTP_REQUEST_METHOD_VALUE_OTHER;
		attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL] = method;
	}

	const target = targetOf(req);
	const at = target.indexOf('?');
	attributes[ATTR_URL_PATH] = at < 0 ? target : target.slice(0, at);
	if (at >= 0 && at < target.length - 1) attributes[ATTR_URL_QUERY] = redact(target.slice(at + 1));

	setOrigin(attributes, proxy.origin(req));

	const client = proxy.clientAddress(req);
	if (client) attributes[ATTR_CLIENT_ADDRESS] = client;
	const peer = socket?.remoteAddress;
	if (peer) {
		attributes[ATTR_NETWORK_PEER_ADDRESS] = peer;
		if (socket.remotePort) attributes[ATTR_NETWORK_PEER_PORT] = socket.remotePort;
	}
	attributes[ATTR_NETWORK_PROTOCOL_VERSION] = req.httpVersion === '2.0' ? '2' : req.httpVersion;
	if (headers['user-agent']) attributes[ATTR_USER_AGENT_ORIGINAL] = headers['user-agent'];
	return attributes;
}

/** Sets scheme, host and port from `https://host:port`. The host may be an IPv6 address in brackets. */
function setOrigin(attributes: Attributes, origin: string | undefined): void {
	if (origin === undefined) return;
	const [, scheme, host, port] =
		/^(https?):\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?/.exec(origin) ?? [];
	if (scheme === undefined || !host) return;
	attributes[ATTR_URL_SCHEME] = scheme;
	attributes[ATTR_SERVER_ADDRESS] = host;
	attributes[ATTR_SERVER_PORT] = port ? Number(port) : scheme === 'https' ? 443 : 80;
}
