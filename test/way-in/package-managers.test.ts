import { appendFile, cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, test } from 'vitest';
import { type PackageManager, runPackageManager } from '../support/install.ts';
import { type CombinationId, matrix } from '../support/matrix.ts';
import { replaceMissingPackages } from '../support/missing-packages.ts';
import { packTarball } from '../support/package-tarball.ts';
import { addToProject, createProject } from '../support/sv.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { expectTrace } from './expect-trace.ts';

/*
 * The README's command with each package manager, in the projects that people have; then `build`, and a trace.
 */
interface Setup {
	name: string;
	packageManager: PackageManager;
	/** `npm i -D`, in its words. */
	add: string[];
	/** Files that make it what its name says. */
	files?: Record<string, string>;
}

const npm: Setup = { name: 'npm', packageManager: 'npm', add: ['i', '-D', '--no-audit', '--no-fund'] };
const yarn4 = (linker: string): Setup => ({
	name: `yarn 4 with ${linker}`,
	packageManager: 'yarn-4',
	add: ['add', '-D'],
	files: { '.yarnrc.yml': `nodeLinker: ${linker}\n`, 'yarn.lock': '' }
});

const setups: Setup[] = [
	npm,
	{
		name: 'pnpm without hoisting, and without peers',
		packageManager: 'pnpm',
		add: ['add', '-D'],
		files: { '.npmrc': 'hoist=false\nauto-install-peers=false\n' }
	},
	{ name: 'yarn 1', packageManager: 'yarn', add: ['add', '-D', '--non-interactive', '--ignore-engines'] },
	// Plug'n'Play is what an installed project of the other kinds is tried with
	yarn4('node-modules'),
	yarn4('pnpm')
];

/** Projects by what they have before: the adapter is swapped in them already. */
const projects: [title: string, combination: CombinationId][] = [
	['adapter-node 5', 'kit-2'],
	['SvelteKit 3 and adapter-node 6', 'kit-3'],
	['the oldest pair', 'kit-2-oldest']
];

let parent: string;

beforeAll(async () => {
	parent = makeTempDir();
	await createProject(join(parent, 'created'), 'ts');
	await replaceMissingPackages(join(parent, 'created'));
	await cp(join(parent, 'created'), join(parent, 'swapped'), { recursive: true });
	await addToProject(join(parent, 'swapped'));
});

let made = 0;

/** A project of `sv create` with its adapter swapped, and a package.json that does not know of it yet. */
async function makeProject({ files = {} }: Setup): Promise<string> {
	const dir = join(parent, `app-${++made}`);
	await cp(join(parent, 'swapped'), dir, { recursive: true });
	await cp(join(parent, 'created/package.json'), join(dir, 'package.json'));
	for (const [file, text] of Object.entries(files)) await appendFile(join(dir, file), text);
	return dir;
}

/** The versions of a combination, and the configuration file that it has. */
async function pin(dir: string, id: CombinationId): Promise<void> {
	const { kit, adapterNode, svelte, vite, vitePluginSvelte, generation } = matrix[id];
	const packageJson = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8'));
	packageJson.devDependencies = {
		'@sveltejs/kit': kit,
		'@sveltejs/adapter-node': adapterNode,
		'@sveltejs/vite-plugin-svelte': vitePluginSvelte,
		svelte,
		vite
	};
	await writeFile(join(dir, 'package.json'), JSON.stringify(packageJson, null, '\t'));
	const importAdapter = `import adapter from 'adapter-node-otel';\n`;
	const importKit = `import { sveltekit } from '@sveltejs/kit/vite';\n`;
	if (generation === 3) {
		const config = `${importAdapter}${importKit}export default { plugins: [sveltekit({ adapter: adapter() })] };\n`;
		await writeFile(join(dir, 'vite.config.ts'), config);
		await rm(join(dir, 'src/lib'), { recursive: true });
		await writeFile(join(dir, 'src/routes/+layout.svelte'), '<slot />\n');
	} else if (id === 'kit-2-oldest') {
		const flags = 'tracing: { server: true }, instrumentation: { server: true }';
		const config = `${importAdapter}export default { kit: { adapter: adapter(), experimental: { ${flags} } } };\n`;
		await writeFile(join(dir, 'svelte.config.js'), config);
		await writeFile(join(dir, 'vite.config.ts'), `${importKit}export default { plugins: [sveltekit()] };\n`);
	}
}

/** Runs the README's command, builds, and waits for the trace of a request. */
async function expectTraceAfter(
	dir: string,
	{ packageManager, add }: Setup,
	packages: string[]
): Promise<void> {
	const { path } = await packTarball();
	const named = packages.map((each) => (each === 'adapter-node-otel' ? `${each}@file:${path}` : each));
	await runPackageManager(packageManager, [...add, ...named], dir);
	await expectTrace(dir, await runPackageManager(packageManager, ['run', 'build'], dir));
}

describe('a project of `sv create`', () => {
	test.each(setups)('with $name: installs, builds and traces', async (setup) => {
		const packages = ['adapter-node-otel', '@sveltejs/adapter-node@5', '@opentelemetry/api'];
		await expectTraceAfter(await makeProject(setup), setup, packages);
	});
});

describe.each(projects)('a project with %s', (_, combination) => {
	// SvelteKit 3 itself does not build with Plug'n'Play
	const yarn = yarn4(combination === 'kit-3' ? 'pnpm' : 'pnp');
	test.each([npm, yarn])('with $name: installs, builds and traces', async (setup) => {
		const dir = await makeProject(setup);
		await pin(dir, combination);
		await expectTraceAfter(dir, setup, ['adapter-node-otel', '@opentelemetry/api']);
	});
});
