import { once } from 'node:events';
import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A model's answer and an item of a table, so that clients of either find what they look for. */
const ANSWER = JSON.stringify({
	model: 'm',
	choices: [{ index: 0, message: { role: 'assistant', content: 'hi' } }],
	Item: { id: { S: '7' } }
});

/** An API that answers, or refuses what is below `/refuse`. */
export interface ApiStub extends AsyncDisposable {
	url: string;
}

/** Starts one. */
export async function startApiStub(): Promise<ApiStub> {
	const server = createServer((req, res: ServerResponse) => {
		req.resume();
		res.writeHead(req.url!.startsWith('/refuse') ? 400 : 200, { 'content-type': 'application/json' });
		res.end(ANSWER);
	});
	await once(server.listen(0, '127.0.0.1'), 'listening');
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		[Symbol.asyncDispose]: async () => {
			server.closeAllConnections();
			server.close();
		}
	};
}
