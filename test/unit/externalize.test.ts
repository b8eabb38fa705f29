import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Libraries } from '../../src/instrumentation/libraries.ts';
import { type Externalized, externalizeLibraries } from '../../src/instrumentation/externalize.ts';
import { packageOf } from '../../src/instrumentation/specifier.ts';
import { makeTempDir } from '../support/temp-dir.ts';

let dir: string;

beforeEach(() => {
	dir = makeTempDir();
});

function write(file: string, manifest: object): void {
	const absolute = path.join(dir, file, 'package.json');
	mkdirSync(path.dirname(absolute), { recursive: true });
	writeFileSync(absolute, JSON.stringify(manifest));
}

type Resolve = (specifier: string, importer?: string) => Promise<unknown>;

/** What the plugin says in an app that instruments `pg` and `@redis/client`. */
function start(manifest: object, ssr: object = {}): Externalized & { resolve: Resolve } {
	write('.', manifest);
	const instrumentations = [{ modules: ['pg', '@redis/client'] }];
	const outside = externalizeLibraries(async () => ({ instrumentations }) as unknown as Libraries, dir);
	const plugin = outside.plugin as unknown as {
		config(config: object): void;
		resolveId: { handler: Resolve };
	};
	plugin.config({ ssr });
	return Object.assign(outside, {
		resolve: (specifier: string, importer = 'src/page.js') =>
			plugin.resolveId.handler(specifier, path.join(dir, importer))
	});
}

test('an instrumented library is externalized, also its subpaths', async () => {
	write('node_modules/pg', { version: '8.0.0' });
	write('node_modules/@redis/client', { version: '5.0.0' });
	const { resolve, bundled } = start({ devDependencies: { pg: '8' } });
	for (const specifier of ['pg', 'pg/lib/client.js', '@redis/client']) {
		expect(await resolve(specifier)).toEqual({ id: specifier, external: true });
	}
	expect(bundled.size).toBe(0);
});

test.each(['pg-format', './pg', 'node:pg', '\0pg', '#pg', 'mysql2'])(
	'%j stays where it was',
	async (specifier) => {
		write('node_modules/pg', { version: '8.0.0' });
		expect(await start({}).resolve(specifier)).toBeUndefined();
	}
);

test('packages in `dependencies` are left to adapter-node', async () => {
	write('node_modules/pg', { version: '8.0.0' });
	const { resolve, bundled } = start({ dependencies: { pg: '8' } });
	expect(await resolve('pg')).toBeUndefined();
	expect(bundled.size).toBe(0);
});

test.each([[['pg']], [[/^p/]]])('`ssr.noExternal: %j` is respected, and logged', async (noExternal) => {
	write('node_modules/pg', { version: '8.0.0' });
	const { resolve, bundled } = start({ dependencies: { pg: '8' } }, { noExternal });
	expect(await resolve('pg')).toBeUndefined();
	expect(bundled.get('pg')).toBe('Exclude pg from `ssr.noExternal` of the Vite configuration');

	const remedied = start({ dependencies: { pg: '8' } }, { noExternal: [] });
	expect(await remedied.resolve('pg')).toBeUndefined();
	expect(remedied.bundled.size).toBe(0);
});

test('of two copies, the one that the app resolves is external, in any order', async () => {
	write('node_modules/pg', { version: '8.0.0' });
	write('node_modules/orm/node_modules/pg', { version: '7.0.0' });
	const { resolve, bundled } = start({ devDependencies: { pg: '8', orm: '1' } });
	expect(await resolve('pg', 'node_modules/orm/index.js')).toBeUndefined();
	expect(await resolve('pg')).toEqual({ id: 'pg', external: true });
	expect(bundled.get('pg')).toBe(
		'There are two copies: 8.0.0, which is traced, and 7.0.0. Install one version for both'
	);

	rmSync(path.join(dir, 'node_modules/orm/node_modules'), { recursive: true });
	const remedied = start({ devDependencies: { pg: '8', orm: '1' } });
	expect(await remedied.resolve('pg', 'node_modules/orm/index.js')).toEqual({ id: 'pg', external: true });
	expect(await remedied.resolve('pg')).toEqual({ id: 'pg', external: true });
	expect(remedied.bundled.size).toBe(0);
});

test('a copy that the app does not resolve is external if no other copy is needed', async () => {
	write('node_modules/pg', { version: '8.0.0' });
	write('node_modules/orm/node_modules/pg', { version: '7.0.0' });
	const { resolve, bundled } = start({ devDependencies: { orm: '1' } });
	expect(await resolve('pg', 'node_modules/orm/index.js')).toEqual({ id: 'pg', external: true });
	expect(bundled.size).toBe(0);
});

/** What `pg` brings along: a package that the app has too, and one of another version than the app's. */
function writePgWithDependencies(): void {
	write('node_modules/pg', { name: 'pg', version: '8.0.0', dependencies: { 'pg-types': '2', split2: '4' } });
	write('node_modules/pg-types', { name: 'pg-types', version: '2.0.0' });
	write('node_modules/split2', { name: 'split2', version: '3.0.0' });
	write('node_modules/pg/node_modules/split2', { name: 'split2', version: '4.0.0' });
}

test('packages that an externalized library loads are external for the app too, in any order', async () => {
	writePgWithDependencies();
	const { resolve, bundled } = start({ devDependencies: { pg: '8', 'pg-types': '2', split2: '3' } });
	expect(await resolve('pg-types')).toEqual({ id: 'pg-types', external: true });
	expect(await resolve('pg')).toEqual({ id: 'pg', external: true });
	// another copy for both
	expect(await resolve('split2')).toBeUndefined();
	expect(bundled.size).toBe(0);
});

test('a library stays bundled if the app configures one of its packages to be bundled', async () => {
	writePgWithDependencies();
	const { resolve, bundled } = start({ devDependencies: { pg: '8' } }, { noExternal: ['pg-types'] });
	expect(await resolve('pg-types')).toBeUndefined();
	expect(await resolve('pg')).toBeUndefined();
	expect(bundled.get('pg')).toBe(
		'It needs pg-types. Exclude pg-types from `ssr.noExternal` of the Vite configuration'
	);

	const remedied = start({ devDependencies: { pg: '8' } });
	expect(await remedied.resolve('pg')).toEqual({ id: 'pg', external: true });
	expect(remedied.bundled.size).toBe(0);
});

test('a linked package cannot be copied: it is bundled, and logged', async () => {
	write('packages/pg', { version: '8.0.0' });
	mkdirSync(path.join(dir, 'node_modules'));
	symlinkSync(path.join(dir, 'packages/pg'), path.join(dir, 'node_modules/pg'));
	const { resolve, bundled } = start({ devDependencies: { pg: '8' } });
	expect(await resolve('pg')).toBeUndefined();
	expect(bundled.get('pg')).toBe('Add pg to dependencies');

	const remedied = start({ dependencies: { pg: '8' } });
	expect(await remedied.resolve('pg')).toBeUndefined();
	expect(remedied.bundled.size).toBe(0);
});

test.each([
	['pg', 'pg'],
	['pg/lib/client.js', 'pg'],
	['@redis/client/dist', '@redis/client'],
	['socket.io', 'socket.io'],
	['./pg', undefined],
	['/app/pg', undefined],
	['C:\\app\\pg', undefined],
	['C:/app/pg', undefined],
	['node:fs', undefined],
	['virtual:pg', undefined],
	['$lib/pg', undefined],
	['file:///app/pg', undefined]
])('%j is of %j', (specifier, name) => {
	expect(packageOf(specifier)).toBe(name);
});
