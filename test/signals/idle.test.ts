import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { buildSignalsApp } from './app.ts';

const CHUNKS = /\/otel\/(start-logs|observe-console|logs-protobuf)\.js$/;

describe.each(combinations)('%s: with logs on', (combination) => {
	let receiver: Receiver;
	let server: RunningServer;

	beforeAll(async () => {
		const { build } = await buildSignalsApp(combination);
		receiver = await startReceiver();
		server = await startServer(build, {
			env: { OTEL_LOGS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
		});
	});
	afterAll(async () => {
		await server?.stop();
		await receiver?.stop();
	});

	/** The calls of each function of logs since the last time. */
	const callsOfLogs = async (): Promise<string[]> => {
		const calls = (await (await server.fetch('/calls')).json()) as { url: string; name: string }[];
		return calls.filter(({ url }) => CHUNKS.test(url)).map(({ name }) => name);
	};

	test('a request that prints nothing calls no function of logs', async () => {
		await callsOfLogs();
		for (let request = 0; request < 20; request++) await (await server.fetch('/blog/hello')).text();
		expect(await callsOfLogs()).toEqual([]);

		// it would be seen
		await (await server.fetch('/consoles')).text();
		expect(await callsOfLogs()).toContain('emitLater');
	});
});
