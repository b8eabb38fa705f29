import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { allowSecondClose } from '../../files/shutdown/closed-server.ts';

test('a closed server can be closed again', async () => {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	allowSecondClose(server);
	const close = (): Promise<Error | undefined> => new Promise((resolve) => server.close(resolve));

	expect(await close()).toBeUndefined();
	expect(await close()).toBeUndefined();
	// without a callback, as in Node
	expect(server.close()).toBe(server);
});
