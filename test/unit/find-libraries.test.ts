import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type * as Built from '../../src/instrumentation/libraries.ts';
import { makeTempDir } from '../support/temp-dir.ts';

// a process of its own inspects the packages, and runs what is built
const built = new URL('../../dist/instrumentation/libraries.js', import.meta.url).href;
const { findLibraries } = (await import(built)) as typeof Built;

const base = path.join(import.meta.dirname, '../../node_modules/@opentelemetry/instrumentation');
let dir: string;

beforeEach(() => {
	dir = makeTempDir();
});

function write(files: Record<string, string | object>): void {
	for (const [file, content] of Object.entries(files)) {
		const absolute = path.join(dir, file);
		mkdirSync(path.dirname(absolute), { recursive: true });
		writeFileSync(absolute, typeof content === 'string' ? content : JSON.stringify(content));
	}
}

/** An app with one instrumentation. */
function writeApp(code: string, manifest: object = {}): void {
	write({
		'package.json': { devDependencies: { 'instrumentation-orm': '1', orm: '2' } },
		'package-lock.json': {},
		'node_modules/orm/package.json': { name: 'orm', version: '2.0.0' },
		'node_modules/instrumentation-orm/package.json': {
			version: '1.0.0',
			dependencies: { '@opentelemetry/instrumentation': '*' },
			...manifest
		},
		'node_modules/instrumentation-orm/index.js': code
	});
}

const PATCH = '(exports) => exports';

const CLASS = (supported: string, patch = PATCH): string => `
	const { InstrumentationBase, InstrumentationNodeModuleDefinition } = require(${JSON.stringify(base)});
	exports.default = class extends InstrumentationBase {
		constructor(options) { super('orm', '1.0.0', options); }
		init() { return [new InstrumentationNodeModuleDefinition('orm', [${JSON.stringify(supported)}], ${patch})]; }
	};
`;

test('instrumentations are found, with the versions that they do not support', async () => {
	writeApp(CLASS('>=1 <3'));
	expect(await findLibraries({}, dir)).toMatchObject({
		instrumentations: [{ name: 'instrumentation-orm', libraries: ['orm'], unsupported: [] }],
		messages: []
	});
	writeApp(CLASS('>=3'));
	expect((await findLibraries({}, dir)).messages).toEqual([
		expect.stringContaining(
			'instrumentation-orm does not support orm 2.0.0 (it supports >=3): there will be no spans of it. '
		)
	]);
});

test.each([
	['it patches nothing', 'undefined', []],
	[
		'it patches a file',
		`undefined, undefined, [{ name: 'orm/query.js', supportedVersions: ['9.9.9'], patch: ${PATCH} }]`,
		['orm 2.0.0 (it supports 9.9.9)']
	]
])('the versions of an instrumentation count only for what it patches: %s', async (_, patch, unsupported) => {
	writeApp(CLASS('9.9.9', patch));
	expect(await findLibraries({}, dir)).toMatchObject({
		instrumentations: [{ libraries: unsupported.length === 0 ? ['orm'] : [], unsupported }],
		messages: unsupported.map((each) => expect.stringContaining(`does not support ${each}`) as string)
	});
});

/** It hooks no module, but imports the library, as its peer. */
const IMPORTING = CLASS('>=1').replace(/return \[.*\];/, `require('orm').patched = true; return [];`);

test.each([
	['both are', {}, { 'instrumentation-orm': '1', orm: '2' }, []],
	['the library is not', { orm: '2' }, { 'instrumentation-orm': '1' }, ['orm']],
	['the instrumentation is not', { 'instrumentation-orm': '1' }, { orm: '2' }, ['instrumentation-orm']]
])(
	'what imports its library itself needs both in dependencies: %s',
	async (_, devDependencies, dependencies, missing) => {
		writeApp(IMPORTING, { peerDependencies: { '@opentelemetry/api': '*', orm: '*' } });
		write({
			'package.json': { devDependencies, dependencies },
			'node_modules/orm/index.js': '',
			'node_modules/@opentelemetry/api/package.json': { version: '1.9.0' }
		});
		const { instrumentations, messages } = await findLibraries({}, dir);
		expect(instrumentations).toHaveLength(missing.length === 0 ? 1 : 0);
		expect(messages).toEqual(
			missing.map(
				(name) =>
					`instrumentation-orm hooks no module, so it would patch another copy of orm than the server's: it is left out. Move ${name} to dependencies, unless it is for browsers`
			)
		);
	}
);

test.each([
	['it has by its name', `require('@opentelemetry/api');`, '@opentelemetry/api'],
	['below its name', `require('semver/ranges/valid');`, 'semver']
])('a package that an instrumentation misses is named, with its installation: %s', async (_, code, name) => {
	writeApp(code);
	const { instrumentations, messages } = await findLibraries({}, dir);
	expect(messages).toEqual([
		expect.stringMatching(
			new RegExp(
				`^instrumentation-orm could not be loaded \\(Error: Cannot find module '${name}\\S*'.*: the server will try to load it, too\\. Install what it needs: npm i -D ${name}$`,
				's'
			)
		)
	]);
	expect(instrumentations).toHaveLength(1);
});

test('an error of an instrumentation is logged with its remedy', async () => {
	writeApp(`throw new Error('no licence');`);
	expect((await findLibraries({}, dir)).messages).toEqual([
		'instrumentation-orm could not be loaded (Error: no licence): the server will try to load it, too. Reinstall it or remove it'
	]);
});

test('a package without an instrumentation is left out', async () => {
	writeApp('exports.trace = () => {};');
	const { instrumentations, messages } = await findLibraries({}, dir);
	expect(instrumentations).toEqual([]);
	expect(messages).toEqual([
		expect.stringMatching(
			/^instrumentation-orm exports no instrumentation that works without code: it is left out/
		)
	]);
});

test('a package with only ES modules is loaded, also if it is linked', async () => {
	writeApp('export class Orm {}', { exports: { '.': { import: './index.js' } }, type: 'module' });
	mkdirSync(path.join(dir, 'app/node_modules'), { recursive: true });
	symlinkSync(
		path.join(dir, 'node_modules/instrumentation-orm'),
		path.join(dir, 'app/node_modules/instrumentation-orm')
	);
	write({ 'app/package.json': { devDependencies: { 'instrumentation-orm': '1' } } });
	for (const from of [dir, path.join(dir, 'app')]) {
		expect((await findLibraries({}, from)).messages).toEqual([
			expect.stringContaining('exports no instrumentation that works without code')
		]);
	}
});
