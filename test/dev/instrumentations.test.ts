import { describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { spansOf } from '../otlp/tree.ts';
import { buildApp } from '../support/app.ts';
import { startTracedVite } from '../support/traced-vite.ts';

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
	test.each(['dev', 'preview'] as const)('traces its library in vite %s', async (command) => {
		const app = await buildApp({
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
});
