import { beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import type { App } from '../support/app.ts';
import { proxyEnvironment, startProxy } from '../support/proxy.ts';
import { type Exit, startServer } from '../support/server.ts';
import { combinations, report } from './form.ts';
import { buildInspectedApp } from './inspected-app.ts';

/** Paths that end the process in the middle of their request, and the exit code. */
const ends = [
	['an uncaught exception', '/throw-outside', 1],
	['process.exit()', '/exit', 5]
] as const;

interface Ended {
	exit: Exit;
	stdout: string;
	/** Without our own lines. */
	stderr: string;
	told: string[];
	exitMs: number;
}

async function end(app: App, path: string, env: Record<string, string>): Promise<Ended> {
	const server = await startServer(app.build, { env });
	for (let index = 0; index < 10; index++) await server.fetch('/blog/hello').then((res) => res.text());
	const since = performance.now();
	await expect(server.fetch(path)).rejects.toThrow();
	const exit = await server.exited;
	const exitMs = performance.now() - since;
	const lines = server.stderr().split('\n');
	const isOurs = (line: string): boolean => line.startsWith('adapter-node-otel: ');
	return {
		exit,
		exitMs,
		stdout: server.stdout().replaceAll(String(server.port), 'PORT'),
		stderr: lines.filter((line) => !isOurs(line)).join('\n'),
		told: lines.filter(isOurs)
	};
}

describe.each(combinations)('%s', (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildInspectedApp({ combination });
	});

	describe.each(ends)('%s in the middle of a request', (_name, path, code) => {
		test.each(['http/protobuf', 'http/json', 'grpc'])('loses nothing over %s', async (protocol) => {
			await using receiver: Receiver = await startReceiver({ grpc: protocol === 'grpc' });
			const traced = await end(app, path, {
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl || receiver.url,
				OTEL_EXPORTER_OTLP_PROTOCOL: protocol
			});
			const plain = await end(app, path, {});

			// Node's own behaviour, to the letter
			expect(traced.exit).toEqual({ code, signal: null });
			expect(plain.exit).toEqual(traced.exit);
			expect(traced.stderr).toBe(plain.stderr);
			expect(traced.stdout).toBe(plain.stdout);

			const servers = receiver.spans.filter(({ kind }) => kind === 'SERVER');
			expect(servers.filter(({ attributes }) => attributes['url.path'] === '/blog/hello')).toHaveLength(10);
			expect(servers.find(({ attributes }) => attributes['url.path'] === path)?.attributes).toMatchObject({
				'error.type': 'process_exit'
			});
			// the startup line, and nothing lost
			expect(traced.told).toHaveLength(1);
			report(`${combination} ${path} ${protocol}`, {
				'ms to exit': traced.exitMs,
				'without telemetry': plain.exitMs
			});
		});

		// Node 22.17 has no such proxy
		test.skipIf(process.env['TEST_NODE'] === '22.17.0').each([
			['http/protobuf', 4318, 'POST http://collector.invalid:4318/v1/traces'],
			['grpc', 4317, 'CONNECT collector.invalid:4317']
		])('loses nothing over %s behind a proxy', async (protocol, collectorPort, asked) => {
			await using receiver = await startReceiver({ grpc: protocol === 'grpc' });
			const { port } = new URL(receiver.grpcUrl || receiver.url);
			await using proxy = await startProxy(() => Number(port));
			const { exit, told } = await end(app, path, {
				...proxyEnvironment(proxy),
				OTEL_EXPORTER_OTLP_ENDPOINT: `http://collector.invalid:${collectorPort}`,
				OTEL_EXPORTER_OTLP_PROTOCOL: protocol
			});
			expect(exit).toEqual({ code, signal: null });
			expect(proxy.asked).toContain(asked);
			expect(receiver.spans.filter(({ kind }) => kind === 'SERVER')).toHaveLength(11);
			expect(told).toHaveLength(1);
		});

		test('waits only briefly if the collector does not respond, and logs the loss', async () => {
			await using receiver = await startReceiver({ respond: () => ({ fault: 'never-answer' }) });
			const { exit, told, exitMs } = await end(app, path, {
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url
			});
			expect(exit).toEqual({ code, signal: null });
			expect(told.at(-1)).toMatch(/\d+ spans lost in all/);
			// a second for the answer; the rest is for a machine that starts a worker among many other things
			expect(exitMs).toBeLessThan(5000);
		});
	});
});
