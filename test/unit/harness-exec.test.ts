import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { expect, test } from 'vitest';

test('a command does not outlive the process that runs it', async () => {
	// the command is there as long as its connection is
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const command = `require('node:net').connect(${port}, '127.0.0.1').on('error', () => process.exit());`;
	const url = new URL('../support/exec.ts', import.meta.url).href;
	const code = `
		import { exec } from ${JSON.stringify(url)};
		void exec(process.execPath, ['-e', ${JSON.stringify(command)}]);
		process.stdin.once('end', () => process.exit(3)).resume();
	`;
	const child = spawn(process.execPath, ['--input-type=module', '--eval', code]);
	const [socket] = (await once(server, 'connection')) as [Socket];
	try {
		const closed = once(socket.resume(), 'close');
		child.stdin.end();
		expect(await once(child, 'exit')).toEqual([3, null]);
		await closed;
	} finally {
		socket.destroy();
		server.close();
	}
});
