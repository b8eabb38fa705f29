import * as http from 'node:http';
import { BlockList, type Socket, isIP } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import type { ProxyEnv } from './proxy.ts';

/**
 * The proxy for a URL, by the rules of Node's own agents
 * (https://nodejs.org/api/http.html#built-in-proxy-support). Needed where no agent is used.
 */
export function proxyFor({ protocol, hostname, port }: URL, env: ProxyEnv): URL | undefined {
	const proxy = protocol === 'https:' ? env.https_proxy || env.HTTPS_PROXY : env.http_proxy || env.HTTP_PROXY;
	if (!proxy || !/^https?:\/\//.test(proxy)) return undefined;

	const isLeftOut = (env.no_proxy || env.NO_PROXY || '')
		.split(',')
		.map((entry) => entry.trim().toLowerCase())
		.some((entry) => matches(entry, hostname, port));
	return isLeftOut ? undefined : new URL(proxy);
}

function matches(entry: string, host: string, port: string): boolean {
	if (entry === '*' || entry === host || entry === `${host}:${port}`) return true;
	if (entry.startsWith('.')) return host === entry.slice(1) || host.endsWith(entry);
	if (entry.startsWith('*.')) return host.endsWith(entry.slice(1));

	const [from = '', to = ''] = entry.split('-').map((address) => address.trim());
	if (![from, to, host].every((address) => isIP(address) === 4)) return false;
	const range = new BlockList();
	range.addRange(from, to);
	return range.check(host);
}

/**
 * Opens a connection for HTTP/2 through a proxy, by `CONNECT`. It does not keep the process alive.
 *
 * @param proxy the URL of the proxy, with credentials if it needs them
 * @param target the URL to connect to, with TLS if it is `https:`
 * @param tls the options of TLS
 * @param signal ends the attempt
 * @throws {Error} if the proxy cannot be reached, or refuses
 */
export async function openTunnel(
	proxy: URL,
	target: URL,
	tls: ConnectionOptions,
	signal: AbortSignal
): Promise<Socket> {
	const socket = await connectTo(proxy, target, signal);
	if (target.protocol !== 'https:') return socket;
	const { hostname } = target;
	return connect({
		...tls,
		socket,
		ALPNProtocols: ['h2'],
		...(isIP(hostname) === 0 && { servername: hostname })
	});
}

async function connectTo(proxy: URL, target: URL, signal: AbortSignal): Promise<Socket> {
	const { request } = proxy.protocol === 'https:' ? await import('node:https') : http;
	const authority = `${target.hostname}:${target.port || (target.protocol === 'https:' ? 443 : 80)}`;
	const { promise, resolve, reject } = Promise.withResolvers<Socket>();
	const req = request({
		method: 'CONNECT',
		hostname: proxy.hostname.replace(/^\[|\]$/g, ''),
		port: proxy.port,
		path: authority,
		headers: { host: authority, ...authorizationOf(proxy) },
		// the global agent would use the proxy to reach the proxy
		agent: false,
		signal
	});
	req.on('socket', (socket) => socket.unref());
	req.on('error', reject);
	req.on('connect', ({ statusCode }, socket: Socket, head) => {
		if (statusCode !== 200) {
			socket.destroy();
			return reject(new Error(`the proxy answers ${statusCode}`));
		}
		// the collector may have sent something already
		if (head.length > 0) socket.unshift(head);
		resolve(socket);
	});
	req.end();
	return promise;
}

function authorizationOf({ username, password }: URL): http.OutgoingHttpHeaders {
	if (!username && !password) return {};
	const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
	return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}
