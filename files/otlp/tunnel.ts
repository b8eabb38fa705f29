import * as http from 'node:http';
import type { Socket } from 'node:net';

/**
 * Opens a connection through a proxy, by `CONNECT`. It does not keep the process alive.
 *
 * @param proxy the URL of the proxy, with credentials if it needs them
 * @param target the URL to connect to
 * @param signal ends the attempt
 * @throws {Error} if the proxy cannot be reached, or refuses
 */
export async function openTunnel(proxy: URL, target: URL, signal: AbortSignal): Promise<Socket> {
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
