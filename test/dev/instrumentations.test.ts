import { beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { spansOf } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { openPage } from '../support/page-of-traces.ts';
import { envFile, startTracedVite } from '../support/traced-vite.ts';

const PAGE = `
import { createPool } from 'generic-pool';

const pool = createPool({ create: async () => ({}), destroy: async () => {} });

export async function load() {
	const resource = await pool.acquire();
	await pool.release(resource);
	return {};
}
`;

describe.each(combinations)('%s: an installed instrumentation', (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildApp({
			combination,
			overlays: ['api', 'remote', 'dev'],
			packageJson: {
				dependencies: { 'generic-pool': '3.9.0', '@opentelemetry/instrumentation-generic-pool': '0.67.0' }
			},
			files: {
				'src/routes/pool/+page.server.js': PAGE,
				'src/routes/pool/+page.svelte': '<p>pool</p>\n'
			}
		});
	});

	test.each(['dev', 'preview'] as const)('traces its library in vite %s', async (command) => {
		const vite = await startTracedVite(app, command);
		try {
			const { status, tree } = await vite.ask('/pool');
			expect(status, vite.server.output()).toBe(200);
			expect(vite.server.output()).toMatch(/; instrumentations .*generic-pool/);
			expect(spansOf(tree).map(({ name }) => name)).toContain('generic-pool.acquire');
		} finally {
			await vite.stop();
		}
	});

	test('dev logs once, with the remedy above, that its library was loaded before telemetry started', async () => {
		await using vite = await startTracedVite(app, 'dev', { files: { '.env': '' } });
		const { server, copy, receiver } = vite;
		expect((await server.fetch('/pool')).status).toBe(200);
		await openPage(server);
		await server.waitForOutput(
			/: generic-pool had been loaded when telemetry started, .*\. Stop Vite and start it with an OTEL_ variable, in \.env for example, and do not import them in the Vite configuration\n/
		);
		await copy.write('.env', envFile(receiver, 'OTEL_SERVICE_NAME=second'));
		await server.waitForOutput('tracing second;', { timeoutMs: 30_000 });
		expect(server.output().match(/had been loaded/g)).toHaveLength(1);
	});
});
