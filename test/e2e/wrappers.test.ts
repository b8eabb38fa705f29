import { describe, expect, test } from 'vitest';
import { outline } from '../otlp/outline.ts';
import { buildApp } from '../support/app.ts';
import { replacing } from '../support/replaced-modules.ts';
import { startServer } from '../support/server.ts';
import { startTraced } from '../support/traced-server.ts';

/** The app's Vite configuration with something added. */
const viteConfig = (rest: string): Record<string, string> => ({
	'vite.config.js': `
		import adapter from 'adapter-node-otel';
		import { sveltekit } from '@sveltejs/kit/vite';

		export default { plugins: [sveltekit({ adapter: adapter() })], ${rest} };
	`
});

/** What may happen to SvelteKit's modules on the way into the server. */
const builds: Record<string, string> = {
	'minified, with source maps, SvelteKit in chunks of its own': `environments: { ssr: { build: {
		// not the names of the hooks, which name their spans
		minify: { compress: true, codegen: true, mangle: { keepNames: true } },
		sourcemap: true,
		rolldownOptions: { output: { advancedChunks: { groups: [
			{ name: 'telemetry', test: /internal.server.telemetry|wrappers.telemetry/ },
			{ name: 'kit', test: /sveltejs.kit/ }
		] } } }
	} } }`,
	'SvelteKit not bundled': `ssr: { external: ['@sveltejs/kit'] }`
};

const usual = async (): Promise<{ build: string }> =>
	buildApp({ combination: 'kit-3', overlays: ['remote', 'api', 'traces'] });

describe.each(Object.entries(builds))('%s', (_, config) => {
	const build = async (): Promise<{ build: string; log: string }> =>
		buildApp({ combination: 'kit-3', overlays: ['traces'], files: viteConfig(config) });

	test('the build logs nothing', async () => {
		expect((await build()).log).not.toContain('adapter-node-otel:');
	});

	test('the traces are the same as those of any other build', async () => {
		await using traced = await startTraced((await build()).build);
		await using expected = await startTraced((await usual()).build);
		for (const path of ['/', '/blog/hello', '/trailing', '/error/unexpected', '/redirect', '/self']) {
			const { tree } = await traced.trace(path, { redirect: 'manual' });
			const other = await expected.trace(path, { redirect: 'manual' });
			expect(outline(tree, { sort: 'name' })).toEqual(outline(other.tree, { sort: 'name' }));
		}
	});

	test('without telemetry it serves, and creates no spans', async () => {
		await using server = await startServer((await build()).build, {});
		expect((await server.fetch('/blog/hello')).status).toBe(200);
		expect(server.stderr()).toBe('');
	});
});

test('another plugin replaces where SvelteKit makes its spans: the build says so, and the traces are the same', async () => {
	const { build, log } = await buildApp({
		combination: 'kit-3',
		files: replacing('exports/internal/server/telemetry.js')
	});
	expect(log.split('\n').filter((line) => line.includes('adapter-node-otel:'))).toEqual([
		expect.stringMatching(
			/`src\/exports\/internal\/server\/telemetry\.js`: each request costs a little more\. /
		)
	]);
	await using traced = await startTraced(build);
	await using expected = await startTraced((await usual()).build);
	for (const path of ['/blog/hello', '/redirect']) {
		const { tree } = await traced.trace(path, { redirect: 'manual' });
		const other = await expected.trace(path, { redirect: 'manual' });
		expect(outline(tree, { sort: 'name' })).toEqual(outline(other.tree, { sort: 'name' }));
	}
});
