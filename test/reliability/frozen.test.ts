import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { type App, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { startReceiver } from '../otlp/receiver.ts';
import { combinations, isFull } from './form.ts';

/** The time limit of an export. The process is stopped for longer than that. */
const TIMEOUT_MS = 1000;

// how long it takes does not depend on the versions
describe.runIf(isFull && process.platform !== 'win32').each(combinations.slice(-1))('%s', (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildApp({ combination });
	});

	test.each(['http/protobuf', 'grpc'])(
		'a process that is stopped while it exports over %s, and continues later, logs no loss if there is none',
		async (protocol) => {
			const asked = Promise.withResolvers<void>();
			await using receiver = await startReceiver({
				grpc: protocol === 'grpc',
				// answers while the process is stopped
				respond: () => {
					asked.resolve();
					return { delayMs: 500 };
				}
			});
			await using server = await startServer(app.build, {
				env: {
					OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl || receiver.url,
					OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
					OTEL_EXPORTER_OTLP_TIMEOUT: String(TIMEOUT_MS),
					OTEL_BSP_SCHEDULE_DELAY: '20'
				}
			});
			expect((await server.fetch('/blog/a')).status).toBe(200);
			await asked.promise;
			server.signal('SIGSTOP');
			await delay(3 * TIMEOUT_MS);
			server.signal('SIGCONT');

			expect((await server.fetch('/blog/b')).status).toBe(200);
			expect(await server.stop()).toEqual({ code: 0, signal: null });
			expect(receiver.spans.filter(({ kind }) => kind === 'SERVER')).toHaveLength(2);
			expect(server.stderr().split('\n').filter(Boolean)).toEqual([
				expect.stringContaining('tracing basic-app')
			]);
		}
	);
});
