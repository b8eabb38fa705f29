import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { init, parse } from 'es-module-lexer';
import { beforeAll, expect, test } from 'vitest';
import { packageManagerEnv } from '../support/clean-env.ts';
import { exec } from '../support/exec.ts';

/*
 * What is published: `npm pack` of what `npm run build` has left in `dist`.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));

let packed: string[];

beforeAll(async () => {
	const { stdout } = await exec('npm', ['pack', '--json', '--dry-run', '--ignore-scripts'], {
		cwd: root,
		env: packageManagerEnv()
	});
	// npm 12 answers with an object by package name where earlier ones have an array
	const [entry] = Object.values(JSON.parse(stdout) as Record<string, { files: { path: string }[] }>);
	packed = entry!.files.map(({ path }) => path);
});

test('the package holds dist, README, CHANGELOG, LICENSE and package.json, and nothing else', () => {
	expect(packed.filter((path) => !path.startsWith('dist/')).sort()).toEqual([
		'CHANGELOG.md',
		'LICENSE',
		'README.md',
		'package.json'
	]);
	expect(packed).toEqual(
		expect.arrayContaining([
			'dist/index.js',
			'dist/index.d.ts',
			'dist/files/otel/THIRD-PARTY-LICENSES.txt',
			'dist/libraries/THIRD-PARTY-LICENSES.txt'
		])
	);
});

test('the package installs nothing else, and imports nothing but Node and itself when it is loaded', async () => {
	const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	expect(dependencies).toBeUndefined();

	await init;
	const imported = packed
		// the two that are no part of the build-time half
		.filter((path) => path.endsWith('.js') && !/^dist\/(files|wrappers)\//.test(path))
		.flatMap((path) =>
			parse(readFileSync(join(root, path), 'utf8'))[0].flatMap((each) => each.specifier ?? [])
		)
		.filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier));
	expect(Object.keys(peerDependencies)).toContain('@sveltejs/adapter-node');
	expect([...new Set(imported)]).toEqual([]);
});

test('the licences list all packages that are bundled for the build', () => {
	const licences = readFileSync(join(root, 'dist/libraries/THIRD-PARTY-LICENSES.txt'), 'utf8');
	for (const name of ['es-module-lexer', 'nf3', '@vercel/nft', 'acorn']) expect(licences).toContain(name);
});

test('the types of the package can be resolved within it', () => {
	const imported = packed
		.filter((path) => path.endsWith('.d.ts'))
		.flatMap((path) =>
			[...readFileSync(join(root, path), 'utf8').matchAll(/ from '(\..+?)(?:\.d)?\.ts'/g)].map(([, to]) =>
				join(path, '..', `${to}.d.ts`)
			)
		);
	expect(imported).toContain('dist/server-instrumentation.d.ts');
	expect(imported.filter((path) => !packed.includes(path))).toEqual([]);
});
