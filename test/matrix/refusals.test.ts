import { expect, test } from 'vitest';
import { buildApp } from '../support/app.ts';
import { matrix } from '../support/matrix.ts';

test.each([
	['kit-2', 'kit-3', '5'],
	['kit-3', 'kit-2', '6']
] as const)('%s with the adapter-node of %s is refused in one line', async (combination, other, fitting) => {
	const { kit } = matrix[combination];
	const { adapterNode } = matrix[other];
	const app = await buildApp({
		combination,
		// npm would refuse it too
		packageManager: 'pnpm',
		packageJson: { devDependencies: { '@sveltejs/adapter-node': adapterNode } },
		allowFailure: true
	});
	expect(app.exitCode).not.toBe(0);
	expect(app.log).toContain(
		`adapter-node-otel: @sveltejs/adapter-node ${adapterNode} does not work with SvelteKit ${kit}. Install the one that does: pnpm add -D @sveltejs/adapter-node@${fitting}`
	);
});
