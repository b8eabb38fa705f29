import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PackageManager } from '../support/install.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { makeUserProject } from '../support/user-project.ts';
import { expectTrace } from './expect-trace.ts';

/*
 * Somebody who installs the package alone, swaps the import, and then does what the build says, to the letter.
 */
let registry: Registry;

beforeAll(async () => {
	registry = await startRegistry();
});

afterAll(() => registry?.[Symbol.asyncDispose]());

const KIT = '@sveltejs/kit';

test.each<[packageManager: PackageManager, install: string, remedy: string]>([
	['npm', 'npm i -D', '@sveltejs/adapter-node@5'],
	// installs no peer dependencies
	['yarn', 'yarn add -D', '@sveltejs/adapter-node@5 @opentelemetry/api']
])('%s: from the bare package to a trace', async (packageManager, install, remedy) => {
	const { dir, run } = await makeUserProject(packageManager, registry);
	const build = `${install.split(' ')[0]} run build`;
	const edit = async (change: (text: string) => string): Promise<void> => {
		const file = join(dir, 'vite.config.ts');
		await writeFile(file, change(await readFile(file, 'utf8')));
	};

	await run(`${install} adapter-node-otel`);
	await edit((text) => text.replace('@sveltejs/adapter-auto', 'adapter-node-otel'));
	const refused = await run(build, true);
	expect(refused.code).not.toBe(0);
	const [, command] = /is not installed\. Install it: (.*)/.exec(refused.stdout + refused.stderr)!;
	expect(command).toBe(`${install} ${remedy}`);
	await run(command!);

	const warned = await run(build);
	const [, opening, added] =
		/Add to vite\.config\.ts:\n\n(sveltekit\(\{)\n([^]*?)\n\}\)\n/.exec(
			(warned.stdout + warned.stderr).replaceAll(/^ {2}/gm, '')
		) ?? [];
	await edit((text) => text.replace(opening!, `${opening}\n${added},`));

	await expectTrace(dir, await run(build));
});

test('a SvelteKit that is too old is named, and the command updates it', async () => {
	const { dir, run } = await makeUserProject('npm', registry);
	const file = join(dir, 'package.json');
	const { devDependencies, ...manifest } = JSON.parse(await readFile(file, 'utf8'));
	// the tools of its day
	const old = { [KIT]: '2.30.0', '@sveltejs/vite-plugin-svelte': '6.1.4', svelte: '5.38.10', vite: '7.1.12' };
	await writeFile(file, JSON.stringify({ ...manifest, devDependencies: { ...devDependencies, ...old } }));
	await run('npm install --force');
	await run('npm i -D --force adapter-node-otel @sveltejs/adapter-node@5 @opentelemetry/api');
	await writeFile(
		join(dir, 'svelte.config.js'),
		`import adapter from 'adapter-node-otel';\nexport default { kit: { adapter: adapter() } };\n`
	);
	await writeFile(
		join(dir, 'vite.config.ts'),
		`import { sveltekit } from '@sveltejs/kit/vite';\nexport default { plugins: [sveltekit()] };\n`
	);

	const { stdout, stderr } = await run('npm run build');
	const [, command] =
		/@sveltejs\/kit 2\.30\.0 \(expected .*\) is not supported: .* Install a supported version: (.*)/.exec(
			stdout + stderr
		)!;
	expect(command).toBe('npm i -D @sveltejs/kit@2');
	await run(command!);
	const updated = await run('npm run build');
	expect(updated.stdout + updated.stderr).not.toContain('is not supported');
});
