import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { startReceiver } from '../otlp/receiver.ts';
import { runPackageManager } from '../support/install.ts';
import { type CombinationId, matrix } from '../support/matrix.ts';
import { packTarball } from '../support/package-tarball.ts';
import { startServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/*
 * Two SvelteKits in one workspace: npm puts this package beside one of the two adapter-nodes, and each app is
 * built with its own.
 */
const apps = { old: 'kit-2', new: 'kit-3' } as const satisfies Record<string, CombinationId>;

let dir: string;

async function write(file: string, content: object | string): Promise<void> {
	const path = join(dir, file);
	await mkdir(dirname(path), { recursive: true });
	await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content, null, '\t'));
}

beforeAll(async () => {
	dir = makeTempDir();
	const { path } = await packTarball();
	await write('package.json', { name: 'workspace', private: true, workspaces: ['apps/*'] });
	for (const [name, id] of Object.entries(apps)) {
		const { kit, adapterNode, svelte, vite, vitePluginSvelte } = matrix[id];
		await write(`apps/${name}/package.json`, {
			name,
			version: '1.0.0',
			private: true,
			type: 'module',
			scripts: { build: 'vite build' },
			devDependencies: {
				'@opentelemetry/api': '^1.10.0',
				'@sveltejs/adapter-node': adapterNode,
				'@sveltejs/kit': kit,
				'@sveltejs/vite-plugin-svelte': vitePluginSvelte,
				'adapter-node-otel': `file:${path}`,
				svelte,
				vite
			}
		});
		const flag = id === 'kit-2' ? ', experimental: { tracing: { server: true } }' : '';
		await write(
			`apps/${name}/vite.config.js`,
			`import adapter from 'adapter-node-otel';\nimport { sveltekit } from '@sveltejs/kit/vite';\nexport default { plugins: [sveltekit({ adapter: adapter()${flag} })] };\n`
		);
		await write(`apps/${name}/src/app.html`, '%sveltekit.head%%sveltekit.body%');
		await write(`apps/${name}/src/routes/+page.svelte`, '<h1>Hello</h1>');
		await write(`apps/${name}/src/routes/+page.server.js`, 'export const load = () => ({});');
	}
	await runPackageManager('npm', ['install', '--no-audit', '--no-fund'], dir);
});

test.each(Object.keys(apps))('the %s app builds and traces', async (name) => {
	const { stdout, stderr } = await runPackageManager('npm', ['run', 'build', '-w', name], dir);
	expect(stdout + stderr).not.toContain('adapter-node-otel:');
	await using receiver = await startReceiver();
	await using server = await startServer(join(dir, 'apps', name, 'build'), {
		env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '20' }
	});
	expect((await server.fetch('/')).status).toBe(200);
	await receiver.waitForTrace(({ name: span }) => span === 'GET /');
});
