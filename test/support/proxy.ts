import { once } from 'node:events';
import { type IncomingMessage, createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

/** A proxy that connects every host of the world to a port of this machine. */
export interface Proxy extends AsyncDisposable {
	url: string;
	/** What it was asked for, in order: method and target. */
	asked: string[];
	/** The credentials that came with the last request. */
	authorization: string | undefined;
}

/** The environment of a Node that uses it for everything. */
export const proxyEnvironment = ({ url }: Pick<Proxy, 'url'>): Record<string, string> => ({
	NODE_USE_ENV_PROXY: '1',
	HTTP_PROXY: url,
	HTTPS_PROXY: url
});

/**
 * Starts one.
 *
 * @param portOf the port for a host; without one, the proxy refuses with 403
 */
export async function startProxy(portOf: (host: string) => number | undefined): Promise<Proxy> {
	const asked: string[] = [];
	const proxy = createServer((req, res) => {
		note(req);
		const { hostname, pathname, search } = new URL(req.url!);
		const port = portOf(hostname);
		if (port === undefined) return res.writeHead(403).end();
		const { method, headers } = req;
		const path = pathname + search;
		const forwarded = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (answer) => {
			res.writeHead(answer.statusCode!, answer.headers);
			answer.pipe(res);
		});
		forwarded.on('error', () => res.destroy());
		req.pipe(forwarded);
	});
	proxy.on('connect', (req, socket) => {
		note(req);
		socket.on('error', () => {});
		const port = portOf(req.url!.split(':')[0]!);
		if (port === undefined) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
		const target = connect(port, '127.0.0.1', () => {
			socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
			target.pipe(socket).pipe(target);
		});
		target.on('error', () => socket.destroy());
	});
	proxy.listen(0, '127.0.0.1');
	await once(proxy, 'listening');

	const result: Proxy = {
		url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
		asked,
		authorization: undefined,
		[Symbol.asyncDispose]: async () => {
			proxy.closeAllConnections();
			proxy.close();
		}
	};
	function note({ method, url, headers }: IncomingMessage): void {
		asked.push(`${method} ${url}`);
		result.authorization = headers['proxy-authorization'];
	}
	return result;
}
