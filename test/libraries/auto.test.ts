import { beforeAll, describe, expect, test } from 'vitest';

import { printTree } from '../otlp/print.ts';
import { startReceiver } from '../otlp/receiver.ts';
import { spansOf } from '../otlp/tree.ts';
import { type App, buildApp, copyBuild } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

describe.each([
	['npm', 'dependencies'],
	['pnpm', 'dependencies'],
	['pnpm', 'devDependencies']
] as const)('@opentelemetry/auto-instrumentations-node, installed by %s as %s', (packageManager, field) => {
	let app: App;

	beforeAll(async () => {
		app = await buildApp({
			combination: 'kit-3',
			packageManager,
			files: {
				'src/routes/file/+server.js': `
					import fs from 'node:fs';

					export const GET = () => Response.json({ name: JSON.parse(fs.readFileSync('package.json', 'utf8')).name });
				`
			},
			packageJson: {
				[field]: {
					'@opentelemetry/auto-instrumentations-node': '0.82.0',
					ioredis: '6.0.0',
					pino: '10.4.0'
				}
			}
		});
	});

	test('is used, without instrumentations whose library the app does not have', async () => {
		expect(app.log).toContain('Instrumenting with @opentelemetry/instrumentation-ioredis: ioredis');
		expect(app.log).not.toContain('instrumentation-mongodb');

		await using receiver = await startReceiver();
		const alone = makeTempDir();
		// where there is no node_modules, if none is needed
		const build = field === 'dependencies' ? app.build : await copyBuild(app, alone);
		await using server = await startServer(build, {
			env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' }
		});
		expect(server.stderr()).toMatch(/^adapter-node-otel: tracing .*; instrumentations .*\n$/);
		const names = /instrumentations (.*)\n$/.exec(server.stderr())![1]!.split(',');
		expect(names).toEqual(expect.arrayContaining(['http', 'ioredis', 'pino', 'undici']));
		expect(names).not.toContain('fs');
		expect(names).not.toContain('mongodb');

		expect((await server.fetch('/etag')).status).toBe(200);
		const tree = await receiver.waitForTrace((span) => span.name === 'GET /etag');
		expect(tree.span.scope.name).toBe('sveltekit');
		expect(receiver.spans.filter((span) => span.kind === 'SERVER')).toHaveLength(1);
	});

	test.runIf(packageManager === 'npm')(
		'fs makes no spans of the files that the server reads to start',
		async () => {
			await using receiver = await startReceiver();
			await using server = await startServer(app.build, {
				env: {
					OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
					OTEL_BSP_SCHEDULE_DELAY: '50',
					OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'fs'
				}
			});
			expect(server.stderr()).toMatch(/; instrumentations fs\n$/);
			expect(await (await server.fetch('/file')).text()).toBe('{"name":"basic-app"}');
			const tree = await receiver.waitForTrace((span) => span.name === 'GET /file');
			expect(
				spansOf(tree).map(({ name }) => name),
				printTree(tree)
			).toContain('fs readFileSync');
			expect(receiver.spans.filter(({ traceId }) => traceId !== tree.span.traceId)).toEqual([]);
		}
	);
});
