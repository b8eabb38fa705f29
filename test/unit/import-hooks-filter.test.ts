import { expect, test } from 'vitest';
import { createFilter, include } from '../../files/instrumentation/import-hooks.ts';

const modules = [
	...include({ name: 'pg', files: [{ name: 'pg/lib/native/index.js' }] } as never),
	...include({ name: '@scope/queue' } as never),
	...include({ name: 'fs' } as never)
];
const isIncluded = createFilter(modules);
const root = 'file:///app/node_modules';

test.each<[what: string, url: string, specifier: string, expected: boolean]>([
	['a package by its name', `${root}/pg/lib/index.js`, 'pg', true],
	['a scoped one', `${root}/@scope/queue/index.js`, '@scope/queue', true],
	['a built-in module', 'node:fs', 'node:fs', true],
	['a file that the instrumentation names', `${root}/pg/lib/native/index.js`, './native/index.js', true],
	[
		'a package by the URL of its file, as Vite imports it',
		`${root}/pg/lib/index.js`,
		`${root}/pg/lib/index.js`,
		true
	],
	['another file of the package', `${root}/pg/lib/client.js`, './client.js', false],
	['a package inside of it', `${root}/pg/node_modules/x/i.js`, `${root}/pg/node_modules/x/i.js`, false],
	['a package whose name starts like it', `${root}/pg-pool/index.js`, `${root}/pg-pool/index.js`, false],
	["the app's own module", 'file:///app/src/pg.js', 'file:///app/src/pg.js', false]
])('of the modules that are hooked: %s', (_, url, specifier, expected) => {
	expect(isIncluded(url, specifier)).toBe(expected);
});
