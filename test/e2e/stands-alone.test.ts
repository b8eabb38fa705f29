import { beforeAll, describe, expect, test } from 'vitest';
import { startReceiver } from '../otlp/receiver.ts';
import { type App, buildApp, copyBuild } from '../support/app.ts';
import { nodeBinary } from '../support/node-binary.ts';
import { startServer } from '../support/server.ts';
import { combinations } from './combinations.ts';
import { makeTempDir } from '../support/temp-dir.ts';

describe.each(combinations)('%s: build/ alone in an empty directory', (combination) => {
	let app: App;
	let dir: string;
	let build: string;

	beforeAll(async () => {
		app = await buildApp({ combination });
		// below the system's temporary directory there is no node_modules on the way up
		dir = makeTempDir();
		build = await copyBuild(app, dir);
	});

	test.each(['22', '24', '26'] as const)(
		'serves and traces with Node %s, and warns of nothing',
		async (version) => {
			await using receiver = await startReceiver();
			await using server = await startServer(build, {
				node: await nodeBinary(version),
				env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '20' }
			});
			expect((await server.fetch('/blog/alone')).status).toBe(200);
			await receiver.waitForTrace(({ name }) => name === 'GET /blog/[slug]');
			expect(server.stderr().trim().split('\n')).toEqual([
				expect.stringMatching(/^adapter-node-otel: tracing basic-app; /)
			]);
		}
	);

	test('serves when telemetry is off', async () => {
		await using server = await startServer(build);
		expect((await server.fetch('/blog/alone')).status).toBe(200);
		expect(server.stderr()).toBe('');
	});
});
