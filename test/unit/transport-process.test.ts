import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OtlpSettings } from '../../files/config/otlp.ts';

let collector: Server;
let port: number;
const sockets: Socket[] = [];

beforeEach(async () => {
	// takes everything, answers nothing
	collector = createServer((socket) => sockets.push(socket.on('error', () => {}).resume()));
	await once(collector.listen(0, '127.0.0.1'), 'listening');
	({ port } = collector.address() as AddressInfo);
});

afterEach(() => {
	for (const socket of sockets.splice(0)) socket.destroy();
	collector.close();
});

test.each([
	['http', 'HttpTransport', 'http/protobuf'],
	['grpc', 'GrpcTransport', 'grpc']
])('an export that gets no answer over %s does not keep a process alive', async (file, name, protocol) => {
	const settings: OtlpSettings = {
		signal: 'traces',
		protocol: protocol as OtlpSettings['protocol'],
		url: `http://127.0.0.1:${port}/v1/traces`,
		headers: {},
		timeoutMs: 60_000,
		compression: 'none',
		tls: {}
	};
	const url = new URL(`../../files/otlp/${file}-transport.ts`, import.meta.url).href;
	const code = `
		import { ${name} } from ${JSON.stringify(url)};
		const transport = new ${name}(${JSON.stringify(settings)}, 'unit/1');
		void transport.send(new Uint8Array(1), 60_000).then(() => console.log('answered'));
		// until it is under way
		process.stdin.once('end', () => {}).resume();
		process.once('exit', () => console.log('ended'));
	`;
	const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { env: {} });
	let output = '';
	child.stdout.on('data', (chunk) => (output += chunk));
	child.stderr.on('data', (chunk) => (output += chunk));
	const ended = once(child, 'close');
	try {
		await once(collector, 'connection');
		child.stdin.end();
		await ended;
		expect(output).toBe('ended\n');
	} finally {
		child.kill('SIGKILL');
	}
});
