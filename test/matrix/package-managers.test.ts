import { describe, expect, test } from 'vitest';
import { startReceiver } from '../otlp/receiver.ts';
import { type AppOptions, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';

/** What each needs beside the packed package, which is `npm i -D adapter-node-otel` and nothing else. */
const packageManagers: [name: string, options: Partial<AppOptions>][] = [
	['npm', { packageManager: 'npm' }],
	['yarn', { packageManager: 'yarn' }],
	['pnpm', { packageManager: 'pnpm' }],
	[
		'pnpm without hoisting',
		{ packageManager: 'pnpm', files: { '.npmrc': 'hoist=false\nauto-install-peers=false\n' } }
	]
];

describe.each(['kit-2', 'kit-3'] as const)('%s', (combination) => {
	test.each(packageManagers)('installed with %s, the app builds and traces', async (_, options) => {
		const app = await buildApp({ combination, ...options });
		expect(app.log).not.toContain('adapter-node-otel:');

		await using receiver = await startReceiver();
		await using server = await startServer(app.build, {
			env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '20' }
		});
		expect((await server.fetch('/blog/hello')).status).toBe(200);
		await receiver.waitForTrace(({ name }) => name === 'GET /blog/[slug]');
	});
});
