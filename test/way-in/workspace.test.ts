import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, test } from 'vitest';
import { runPackageManager } from '../support/install.ts';
import { type CombinationId, matrix } from '../support/matrix.ts';
import { packTarball } from '../support/package-tarball.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { expectTrace } from './expect-trace.ts';

/*
 * Two SvelteKits in one workspace: npm installs this package next to one of the two adapter-nodes, and each app is
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
	const log = await runPackageManager('npm', ['run', 'build', '-w', name], dir);
	await expectTrace(join(dir, 'apps', name), log);
});
