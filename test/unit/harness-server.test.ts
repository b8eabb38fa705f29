import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';

import { startServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

let dir: string;

beforeAll(async () => {
	dir = makeTempDir();
});

async function write(name: string, source: string): Promise<string> {
	const path = join(dir, name);
	await writeFile(path, source);
	return path;
}

test('a server runs in a clean environment and can end by itself', async () => {
	const entry = await write(
		'server.mjs',
		`import { createServer } from 'node:http';
		const server = createServer((request, response) => {
			console.error('asked for ' + request.url);
			response.end(JSON.stringify(process.env));
		});
		server.listen(process.env.PORT, process.env.HOST, () => console.log('Listening on it'));
		process.once('SIGTERM', () => { server.closeAllConnections(); server.close(() => process.exit(3)); });`
	);
	await using server = await startServer(entry, { env: { EXTRA: 'yes' } });
	const env = (await (await server.fetch('/some/path')).json()) as Record<string, string>;
	expect(Object.keys(env).sort()).toEqual(['EXTRA', 'HOST', 'PATH', 'PORT']);
	await server.waitForOutput('asked for /some/path');
	expect(await server.stop()).toEqual({ code: 3, signal: null });
	expect(await server.exited).toEqual({ code: 3, signal: null });
	expect(server.stdout()).toBe('Listening on it\n');
});

test('a server that does not start has its error in the message', async () => {
	const entry = await write('broken.mjs', `console.error('no such thing'); process.exit(7);`);
	await expect(startServer(entry)).rejects.toThrow(/it exited with 7[^]*no such thing/);
});

test('a server that never listens is ended', async () => {
	const entry = await write('silent.mjs', 'setInterval(() => {}, 1000);');
	await expect(startServer(entry, { startTimeoutMs: 200 })).rejects.toThrow('was to listen');
});
