import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { addToProject, createProject } from '../support/sv.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/*
 * `npx sv add adapter-node-otel`, with the real `sv`: what it does to a project's files. That such projects
 * build and trace, the tests of the package managers show.
 */
let parent: string;
let dir: string;

beforeEach(async () => {
	parent = makeTempDir();
	dir = join(parent, 'app');
});

const read = (file: string): Promise<string> => readFile(join(dir, file), 'utf8');
const readJson = async (file: string): Promise<Record<string, Record<string, string>>> =>
	JSON.parse(await read(file));

/** Writes a project of a package.json and its configuration. */
async function write(devDependencies: Record<string, string>, files: Record<string, string>): Promise<void> {
	await createProject(dir, 'jsdoc');
	await rm(join(dir, 'vite.config.js'));
	const packageJson = { ...(await readJson('package.json')), devDependencies };
	await writeFile(join(dir, 'package.json'), JSON.stringify(packageJson, null, '\t'));
	for (const [file, text] of Object.entries(files)) await writeFile(join(dir, file), text);
}

/** All files with their text. */
async function snapshot(): Promise<Record<string, string>> {
	const entries = await readdir(dir, { recursive: true, withFileTypes: true });
	const files = entries
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => join(parentPath, name));
	return Object.fromEntries(
		await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')]))
	);
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

/** `sv` breaks the lines of its box. */
const unboxed = (stdout: string): string => stdout.replaceAll(/\s*│\s*/g, ' ');

const plainVite = `import { sveltekit } from '@sveltejs/kit/vite';\n\nexport default { plugins: [sveltekit()] };\n`;

describe('a project of `sv create`', () => {
	test.each([
		['ts', 'vite.config.ts'],
		['jsdoc', 'vite.config.js']
	] as const)('with %s gets the adapter, the flag and the packages, once', async (types, file) => {
		await createProject(dir, types);
		const { stdout } = await addToProject(dir);
		const config = await read(file);
		expect(config).toContain(`import adapter from 'adapter-node-otel';\n`);
		expect(config).toContain('adapter: adapter(),\n\t\t\texperimental: { tracing: { server: true } }\n');
		expect(config).toContain('// Force runes mode');
		expect(config).not.toContain('adapter-auto');

		const { devDependencies, dependencies } = await readJson('package.json');
		expect(dependencies).toBeUndefined();
		expect(devDependencies).toMatchObject({
			'@opentelemetry/api': expect.stringMatching(/^\^1\./),
			'@sveltejs/adapter-node': expect.stringMatching(/^\^5\./),
			'adapter-node-otel': expect.stringMatching(/^\^\d/)
		});
		expect(devDependencies).not.toHaveProperty('@sveltejs/adapter-auto');
		expect(unboxed(stdout)).toMatch(
			/npm run dev -- --open \/__otel .* npm run build, then OTEL_TRACES_EXPORTER=console node build /
		);

		const once = await snapshot();
		await addToProject(dir);
		expect(await snapshot()).toEqual(once);
	});

	test('has it from the start with `sv create --add`', async () => {
		await createProject(dir, 'ts', true);
		expect(await read('vite.config.ts')).toContain(`import adapter from 'adapter-node-otel';\n`);
		expect((await readJson('package.json'))['devDependencies']).toHaveProperty('adapter-node-otel');
	});
});

interface Case {
	title: string;
	devDependencies: Record<string, string>;
	files: Record<string, string>;
	/** The file that changes, and what it says then. */
	edited: string;
	expected: string;
	adapterNode: string;
	/** The directory that the last step starts. */
	out?: string;
}

const cases: Case[] = [
	{
		title: 'SvelteKit 2 with the options in svelte.config.js',
		devDependencies: { '@sveltejs/kit': '^2.70.0', '@sveltejs/adapter-auto': '^7.0.1' },
		files: {
			'vite.config.js': plainVite,
			'svelte.config.js': `import adapter from '@sveltejs/adapter-auto';\n\nconst config = {\n\tkit: {\n\t\tadapter: adapter()\n\t}\n};\n\nexport default config;\n`
		},
		edited: 'svelte.config.js',
		expected: `import adapter from 'adapter-node-otel';\n\nconst config = {\n\tkit: {\n\t\tadapter: adapter(),\n\t\texperimental: { tracing: { server: true } }\n\t}\n};\n\nexport default config;\n`,
		adapterNode: '^5.3.1'
	},
	{
		title: 'adapter-node 5 with options of its own, which stay',
		devDependencies: { '@sveltejs/kit': '^2.70.0', '@sveltejs/adapter-node': '^5.5.7' },
		files: {
			'vite.config.ts': `import node from '@sveltejs/adapter-node';\nimport { sveltekit as kit } from '@sveltejs/kit/vite';\nimport { defineConfig } from 'vite';\n\nexport default defineConfig({\n\tplugins: [\n\t\tkit({\n\t\t\tadapter: node({ out: 'dist', precompress: false }),\n\t\t\texperimental: { remoteFunctions: true, tracing: { server: false } }\n\t\t})\n\t]\n});\n`
		},
		edited: 'vite.config.ts',
		expected: `import node from 'adapter-node-otel';\nimport { sveltekit as kit } from '@sveltejs/kit/vite';\nimport { defineConfig } from 'vite';\n\nexport default defineConfig({\n\tplugins: [\n\t\tkit({\n\t\t\tadapter: node({ out: 'dist', precompress: false }),\n\t\t\texperimental: { remoteFunctions: true, tracing: { server: true } }\n\t\t})\n\t]\n});\n`,
		adapterNode: '^5.5.7',
		out: 'dist'
	},
	{
		title: 'SvelteKit 3 with adapter-node 6, which needs no flag',
		devDependencies: { '@sveltejs/kit': '^3.2.0', '@sveltejs/adapter-node': '^6.0.1' },
		files: {
			'vite.config.js': `import adapter from '@sveltejs/adapter-node';\nimport { sveltekit } from '@sveltejs/kit/vite';\n\nexport default { plugins: [sveltekit({ adapter: adapter({ envPrefix: 'MY_' }) })] };\n`
		},
		edited: 'vite.config.js',
		expected: `import adapter from 'adapter-node-otel';\nimport { sveltekit } from '@sveltejs/kit/vite';\n\nexport default { plugins: [sveltekit({ adapter: adapter({ envPrefix: 'MY_' }) })] };\n`,
		adapterNode: '^6.0.1'
	},
	{
		title: 'the oldest pair, which goes by the other flag too',
		devDependencies: { '@sveltejs/kit': '2.31.0', '@sveltejs/adapter-node': '5.3.1' },
		files: {
			'vite.config.js': plainVite,
			'svelte.config.js': `import adapter from '@sveltejs/adapter-node';\n\nexport default { kit: { adapter: adapter() } };\n`
		},
		edited: 'svelte.config.js',
		expected: `import adapter from 'adapter-node-otel';\n\nexport default {\n\tkit: {\n\t\tadapter: adapter(),\n\t\texperimental: {\n\t\t\ttracing: { server: true },\n\t\t\tinstrumentation: { server: true }\n\t\t}\n\t}\n};\n`,
		adapterNode: '5.3.1'
	},
	{
		title: 'options in both files, of which SvelteKit reads one',
		devDependencies: { '@sveltejs/kit': '^2.70.0', '@sveltejs/adapter-node': '^5.5.7' },
		files: {
			'svelte.config.js': `import adapter from '@sveltejs/adapter-node';\n\nexport default { kit: { adapter: adapter() } };\n`,
			'vite.config.js': `import adapter from '@sveltejs/adapter-node';\nimport { sveltekit } from '@sveltejs/kit/vite';\n\nexport default { plugins: [sveltekit({ adapter: adapter() })] };\n`
		},
		edited: 'vite.config.js',
		expected: `import adapter from 'adapter-node-otel';\nimport { sveltekit } from '@sveltejs/kit/vite';\n\nexport default {\n\tplugins: [\n\t\tsveltekit({\n\t\t\tadapter: adapter(),\n\t\t\texperimental: { tracing: { server: true } }\n\t\t})\n\t]\n};\n`,
		adapterNode: '^5.5.7'
	},
	{
		title: 'options, adapter and flags in variables, in a function',
		devDependencies: { '@sveltejs/kit': '^2.70.0', '@sveltejs/adapter-node': '^5.5.7' },
		files: {
			'vite.config.ts': `import { default as node } from '@sveltejs/adapter-node';\nimport type { KitConfig } from '@sveltejs/kit';\nimport { sveltekit } from '@sveltejs/kit/vite';\nimport { defineConfig } from 'vite';\n\nconst adapter = node({ out: 'dist' });\nconst experimental = { remoteFunctions: true };\nconst options = { adapter, experimental } satisfies KitConfig;\n\nexport default defineConfig(({ mode }) => ({ plugins: [sveltekit(options)], define: { MODE: JSON.stringify(mode) } }));\n`
		},
		edited: 'vite.config.ts',
		expected: `import { default as node } from 'adapter-node-otel';\nimport type { KitConfig } from '@sveltejs/kit';\nimport { sveltekit } from '@sveltejs/kit/vite';\nimport { defineConfig } from 'vite';\n\nconst adapter = node({ out: 'dist' });\nconst experimental = { remoteFunctions: true, tracing: { server: true } };\nconst options = { adapter, experimental } satisfies KitConfig;\n\nexport default defineConfig(({ mode }) => ({ plugins: [sveltekit(options)], define: { MODE: JSON.stringify(mode) } }));\n`,
		adapterNode: '^5.5.7',
		out: 'dist'
	},
	{
		title: 'svelte.config.ts with a preprocessor, no adapter yet, and another package manager',
		devDependencies: { '@sveltejs/kit': '^2.70.0', mdsvex: '^0.12.0' },
		files: {
			'pnpm-lock.yaml': '',
			'vite.config.mjs': plainVite,
			'svelte.config.ts': `import { mdsvex } from 'mdsvex';\n\nexport default { preprocess: [mdsvex()], extensions: ['.svelte', '.svx'], kit: { alias: { $x: 'src/x' } } };\n`
		},
		edited: 'svelte.config.ts',
		expected: `import adapter from 'adapter-node-otel';\nimport { mdsvex } from 'mdsvex';\n\nexport default { preprocess: [mdsvex()], extensions: ['.svelte', '.svx'], kit: { alias: { $x: 'src/x' }, adapter: adapter(), experimental: { tracing: { server: true } } } };\n`,
		adapterNode: '^5.3.1'
	}
];

test.each(cases)(
	'$title',
	async ({ devDependencies, files, edited, expected, adapterNode, out = 'build' }) => {
		await write(devDependencies, files);
		const before = await snapshot();
		const { stdout } = await addToProject(dir);
		expect(unboxed(stdout)).toContain(` OTEL_TRACES_EXPORTER=console node ${out} traces `);
		// where lines break is for a formatter
		expect(oneLine(await read(edited))).toBe(oneLine(expected));
		const packages = (await readJson('package.json'))['devDependencies'];
		expect(packages).toMatchObject({ '@sveltejs/adapter-node': adapterNode });

		const once = await snapshot();
		const changed = Object.keys(once).filter((file) => once[file] !== before[file]);
		expect(changed.sort()).toEqual([join(dir, edited), join(dir, 'package.json')].sort());
		await addToProject(dir);
		expect(await snapshot()).toEqual(once);
	}
);

test('an adapter for another platform is not changed, and a message says why', async () => {
	const config = plainVite.replace('sveltekit()', 'sveltekit({ adapter: vercel() })');
	await write(
		{ '@sveltejs/kit': '^2.70.0', '@sveltejs/adapter-vercel': '^6.0.0' },
		{ 'vite.config.js': `import vercel from '@sveltejs/adapter-vercel';\n${config}` }
	);
	const before = await snapshot();
	const { stdout } = await addToProject(dir, true);
	expect(oneLine(stdout)).toContain(
		'this project is built with @sveltejs/adapter-vercel, and adapter-node-otel makes a Node server in its place'
	);
	expect(await snapshot()).toEqual(before);
});

test('a configuration that it cannot read is not changed, and a message says what to do', async () => {
	await write(
		{ '@sveltejs/kit': '^2.70.0' },
		{
			'vite.config.js': `import adapters from './adapters.js';\n${plainVite.replace('sveltekit()', 'sveltekit({ adapter: adapters.node })')}`
		}
	);
	const before = await snapshot();
	const { stdout } = await addToProject(dir, true);
	expect(oneLine(stdout)).toContain(
		"`adapter` of vite.config.js is not a call of an imported adapter. Import the adapter from 'adapter-node-otel' there by hand, set experimental.tracing.server to true, and install it: npm i -D adapter-node-otel @sveltejs/adapter-node@5 @opentelemetry/api"
	);
	expect(await snapshot()).toEqual(before);
});

test('a SvelteKit of unknown version is not changed, and a message says what to do', async () => {
	await write({ '@sveltejs/kit': 'catalog:' }, { 'vite.config.js': plainVite });
	const before = await snapshot();
	const { stdout } = await addToProject(dir, true);
	expect(oneLine(stdout.replaceAll(/\s*│\s*/g, ' '))).toContain(
		'SvelteKit is catalog: in package.json and not installed, so its version is not known: install the packages first'
	);
	expect(await snapshot()).toEqual(before);
});

test('flags that it cannot set are named', async () => {
	await write(
		{ '@sveltejs/kit': '2.31.0', '@sveltejs/adapter-node': '5.3.1' },
		{
			'vite.config.js': plainVite,
			'svelte.config.js': `import adapter from '@sveltejs/adapter-node';\nimport flags from './flags.js';\n\nexport default { kit: { adapter: adapter(), experimental: flags() } };\n`
		}
	);
	const before = await snapshot();
	const { stdout } = await addToProject(dir, true);
	expect(oneLine(stdout)).toContain(
		"`experimental` of svelte.config.js is not written as an object. Import the adapter from 'adapter-node-otel' there by hand, set experimental.tracing.server to true, set experimental.instrumentation.server to true, and install it: "
	);
	expect(await snapshot()).toEqual(before);
});
