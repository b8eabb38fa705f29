import { once } from 'node:events';
import { type IncomingHttpHeaders, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that the app calls. */
export interface Upstream extends AsyncDisposable {
	url: string;
	port: number;
	/** What it was called with, in order. */
	calls: { url: string; headers: IncomingHttpHeaders }[];
}

/** Starts one that answers everything. */
export async function startUpstream(): Promise<Upstream> {
	const calls: Upstream['calls'] = [];
	const server = createServer((req, res) => {
		calls.push({ url: req.url!, headers: req.headers });
		res.end('upstream');
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		calls,
		port,
		url: `http://127.0.0.1:${port}`,
		[Symbol.asyncDispose]: async () => void server.close()
	};
}
