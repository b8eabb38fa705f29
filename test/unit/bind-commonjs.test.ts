import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { createBuilder } from 'vite';
import { isCommonJs } from '../../src/instrumentation/is-commonjs.ts';
import type { Libraries } from '../../src/instrumentation/libraries.ts';
import { externalizeLibraries } from '../../src/instrumentation/externalize.ts';
import { makeTempDir } from '../support/temp-dir.ts';

let dir: string;

beforeEach(() => {
	dir = makeTempDir();
});

function write(files: Record<string, string>): void {
	for (const [file, text] of Object.entries(files)) {
		const absolute = path.join(dir, file);
		mkdirSync(path.dirname(absolute), { recursive: true });
		writeFileSync(absolute, text);
	}
}

/** Names that no reader of the source finds: `export` them, and `import` them from the app. */
const COMPUTED = `
	for (const name of ['one', 'two', 'three']) exports[name] = () => name;
	Object.defineProperty(exports, 'lazy', { enumerable: true, get: () => 'lazy' });
`;

const APP: Record<string, string> = {
	'package.json': '{ "type": "module", "devDependencies": { "pg": "8", "pg-types": "2" } }',
	'node_modules/pg/package.json': '{ "name": "pg", "version": "8.0.0", "dependencies": { "pg-types": "2" } }',
	'node_modules/pg/index.js': COMPUTED,
	'node_modules/pg-types/package.json': '{ "name": "pg-types", "version": "2.0.0" }',
	'node_modules/pg-types/index.js': COMPUTED,
	'reexport-all.js': `export * from 'pg';`,
	'reexport.js': `export { three as third, two } from 'pg';`,
	'main.js': `
		import pg, { one, two as second } from 'pg';
		import * as all from 'pg-types';
		import { one as typeOne } from 'pg-types';
		import { third } from './reexport.js';
		import { two as again } from './reexport-all.js';

		const read = (object, key) => object[key];
		const { two: later, default: whole } = await import('pg');
		const laterTypes = await import('pg-types');
		console.log([
			one(), second(), pg.three(), third(), typeOne(), all.two(), read(all, 'lazy'),
			again(), later(), whole.one(), read(laterTypes, 'three')(), [...Object.keys(laterTypes)].includes('lazy')
		].join(' '));
		export { two } from 'pg';
	`
};

test('named imports that Node cannot find in an externalized CommonJS library are bound at run time', async () => {
	write(APP);
	const instrumentations = [{ modules: ['pg'] }];
	const outside = externalizeLibraries(async () => ({ instrumentations }) as unknown as Libraries, dir);
	const builder = await createBuilder({
		root: dir,
		configFile: false,
		logLevel: 'error',
		plugins: [outside.plugin],
		ssr: { noExternal: true },
		environments: {
			ssr: { build: { ssr: true, outDir: 'out', rollupOptions: { input: path.join(dir, 'main.js') } } }
		}
	});
	await builder.build(builder.environments['ssr']!);
	const run = (code: string): string =>
		execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
			cwd: dir,
			encoding: 'utf8'
		}).trim();

	expect(run(`await import('./out/main.js')`)).toBe(
		'one two three three one two lazy two two one three true'
	);
	expect(run(`console.log((await import('./out/main.js')).two())`)).toMatch(/two$/);
	expect(outside.copied.names.toSorted()).toEqual(['pg', 'pg-types']);
});

test.each([
	['{}', 'pkg', true],
	['{ "type": "module" }', 'pkg', false],
	['{ "main": "index.mjs" }', 'pkg', false],
	['{ "main": "index.cjs", "type": "module" }', 'pkg', true],
	['{ "main": "lib", "module": "index.mjs" }', 'pkg', true],
	['{ "exports": { ".": { "import": "./index.mjs", "default": "./index.js" } } }', 'pkg', false],
	[
		'{ "exports": { ".": "./index.js", "./sub": { "require": "./a.js", "import": "./b.mjs" } } }',
		'pkg/sub',
		false
	],
	['{ "exports": { ".": "./index.mjs", "./sub": "./sub.js" } }', 'pkg/sub', true],
	['{ "exports": { "./*": "./*.js" } }', 'pkg/sub', false],
	['{}', 'pkg/lib/sub.js', true],
	['{}', 'pkg/esm/sub.js', false],
	['{}', 'none', false]
])('of %s %j is CommonJS: %j', (manifest, specifier, expected) => {
	write({
		'node_modules/pkg/package.json': manifest,
		'node_modules/pkg/esm/package.json': '{ "type": "module" }'
	});
	expect(isCommonJs(specifier, dir)).toBe(expected);
});
