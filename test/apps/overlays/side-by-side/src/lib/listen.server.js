import { once } from 'node:events';
import { createServer } from 'node:http';

/** Serves a listener while a function calls it; what the function returns is the result. */
export async function listen(listener, call) {
	const server = typeof listener === 'function' ? createServer(listener) : listener;
	await once(server.listen(0, '127.0.0.1'), 'listening');
	try {
		return await call(`http://127.0.0.1:${server.address().port}`);
	} finally {
		server.closeAllConnections?.();
		server.close();
	}
}

/** The text of a page. */
export const read = async (url) => (await fetch(url)).text();
