import { readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
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
		expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'dist/files/otel/THIRD-PARTY-LICENSES.txt'])
	);
});

test('the types of the package find each other in it', () => {
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
