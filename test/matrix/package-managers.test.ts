import { describe, expect, test } from 'vitest';
import { startReceiver } from '../otlp/receiver.ts';
import { type AppOptions, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';

/** Those that leave a peer dependency to the project: the README's command names the API. */
const api = { packageJson: { devDependencies: { '@opentelemetry/api': '^1.10.0' } } };

const packageManagers: [name: string, options: Partial<AppOptions>][] = [
	['npm', { packageManager: 'npm' }],
	['yarn', { packageManager: 'yarn', ...api }],
	['pnpm', { packageManager: 'pnpm' }],
	[
		'pnpm without hoisting',
		{ packageManager: 'pnpm', ...api, files: { '.npmrc': 'hoist=false\nauto-install-peers=false\n' } }
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
