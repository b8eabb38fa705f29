import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Copied, describeCopied } from '../../src/instrumentation/copied.ts';
import { type CopyOptions, copyPackages } from '../../src/instrumentation/copy.ts';
import { makeTempDir } from '../support/temp-dir.ts';

let dir: string;

beforeEach(() => {
	dir = makeTempDir();
	vi.spyOn(process, 'cwd').mockReturnValue(path.join(dir, 'app'));
	write('app/package.json', '{}');
});
afterEach(() => {
	vi.restoreAllMocks();
});

function write(file: string, text: string): void {
	const absolute = path.join(dir, file);
	mkdirSync(path.dirname(absolute), { recursive: true });
	writeFileSync(absolute, text);
}

/** A package whose export says what it is and what it has found, `lib 1 (needed 2)`. */
function installPackage(at: string, version: string, needs: string[] = [], more = ''): void {
	const name = /node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(at)![1]!;
	write(`${at}/package.json`, JSON.stringify({ name, version, main: 'index.js' }));
	const found = needs.map((need) => `\${require('${need}')()}`).join(', ');
	write(`${at}/index.js`, `module.exports = () => \`${name} ${version}${found && ` (${found})`}\`;\n${more}`);
}

const copy = (names: string[], options?: CopyOptions): Promise<Copied> =>
	copyPackages(
		[{ directory: path.join(dir, 'app'), specifiers: names }],
		path.join(dir, 'output/node_modules'),
		options
	);

/** What a module next to the copies gets. */
const run = (name: string): string =>
	execFileSync(process.execPath, ['-p', `require('${name}')()`], {
		cwd: path.join(dir, 'output'),
		encoding: 'utf8'
	}).trim();

const outputFiles = (): string[] =>
	readdirSync(path.join(dir, 'output'), { recursive: true, withFileTypes: true })
		.filter((entry) => !entry.isDirectory())
		.map(({ parentPath, name }) =>
			path.relative(path.join(dir, 'output/node_modules'), path.join(parentPath, name))
		)
		.sort();

describe('what is copied', () => {
	test('include the WebAssembly that a file loads from its own directory', async () => {
		const modules = 'app/node_modules';
		installPackage(
			`${modules}/lib`,
			'1.0.0',
			[],
			`module.exports = () => require('fs').readFileSync([__dirname, 'index'].join('/') + '.wa' + 'sm', 'utf8');`
		);
		write(`${modules}/lib/index.wasm`, 'compiled');
		write(`${modules}/lib/unused.wasm`, 'compiled');
		await copy(['lib']);
		expect(run('lib')).toBe('compiled');
		expect(outputFiles()).toEqual(['lib/index.js', 'lib/index.wasm', 'lib/package.json']);
	});

	test('are the files that can be loaded, without development files', async () => {
		const modules = 'app/node_modules';
		installPackage(`${modules}/lib`, '1.0.0', ['@scope/needed'], `try { require('lib-native') } catch {}`);
		installPackage(`${modules}/@scope/needed`, '2.0.0');
		installPackage(`${modules}/unrelated`, '1.0.0');
		write(`${modules}/lib/index.d.ts`, '');
		write(`${modules}/lib/index.js.map`, '{}');
		write(`${modules}/lib/test.js`, '');
		// who distributes them distributes these too
		write(`${modules}/lib/LICENSE`, 'MIT');
		write(`${modules}/@scope/needed/licence.md`, 'MIT');
		write(`${modules}/@scope/needed/licensing.js`, '');

		const copied = await copy(['lib']);
		expect(copied).toMatchObject({ names: ['lib'], files: 6, addons: [] });
		expect(copied.problem).toBeUndefined();
		expect(copied.packages.map(({ manifest }) => manifest.name).sort()).toEqual(['@scope/needed', 'lib']);
		rmSync(path.join(dir, modules), { recursive: true });
		expect(run('lib')).toBe('lib 1.0.0 (@scope/needed 2.0.0)');
		expect(outputFiles()).toEqual([
			'@scope/needed/index.js',
			'@scope/needed/licence.md',
			'@scope/needed/package.json',
			'lib/LICENSE',
			'lib/index.js',
			'lib/package.json'
		]);
	});

	test('has each version where it was found, without links, also if packages depend on each other', async () => {
		const modules = 'app/node_modules';
		installPackage(`${modules}/lib`, '1.0.0', ['a', 'b', 'c']);
		installPackage(`${modules}/a`, '1.0.0', ['c']);
		installPackage(`${modules}/a/node_modules/c`, '1.0.0', ['d'], `exports.x = () => require('a');`);
		installPackage(`${modules}/a/node_modules/d`, '1.0.0', [], `exports.x = () => require('c');`);
		installPackage(`${modules}/b`, '1.0.0', ['c', 'd']);
		installPackage(`${modules}/b/node_modules/c`, '1.5.0');
		installPackage(`${modules}/c`, '2.0.0');
		installPackage(`${modules}/d`, '2.0.0');

		await copy(['lib', 'd']);
		rmSync(path.join(dir, modules), { recursive: true });
		expect(run('lib')).toBe('lib 1.0.0 (a 1.0.0 (c 1.0.0 (d 1.0.0)), b 1.0.0 (c 1.5.0, d 2.0.0), c 2.0.0)');
		expect(run('d')).toBe('d 2.0.0');
		// an instrumentation knows a package by the last part of its path
		const links = readdirSync(path.join(dir, 'output'), { recursive: true, withFileTypes: true });
		expect(links.filter((entry) => entry.isSymbolicLink())).toEqual([]);
		expect(existsSync(path.join(dir, 'output/node_modules/.nf3'))).toBe(false);
	});

	test('is the imported version, also if most other packages need another', async () => {
		const modules = 'app/node_modules';
		installPackage(`${modules}/lib`, '2.0.0');
		for (const name of ['x', 'y', 'z']) {
			installPackage(`${modules}/${name}`, '1.0.0', ['lib']);
			installPackage(`${modules}/${name}/node_modules/lib`, '1.0.0');
		}
		installPackage(`${modules}/w`, '1.0.0', ['lib']);

		await copy(['lib', 'w', 'x', 'y', 'z']);
		rmSync(path.join(dir, modules), { recursive: true });
		expect(run('lib')).toBe('lib 2.0.0');
		expect(run('w')).toBe('w 1.0.0 (lib 2.0.0)');
		expect(run('y')).toBe('y 1.0.0 (lib 1.0.0)');
	});

	test('are not the packages that production has: those are used', async () => {
		const modules = 'app/node_modules';
		installPackage(`${modules}/lib`, '1.0.0', ['shared', 'other']);
		installPackage(`${modules}/shared`, '3.0.0');
		installPackage(`${modules}/other`, '3.0.0');
		installPackage(`${modules}/lib/node_modules/other`, '1.0.0');

		const copied = await copy(['lib'], { present: ['shared', 'other'] });
		expect(copied.packages.map(({ manifest }) => `${manifest.name} ${manifest.version}`)).toEqual(
			expect.arrayContaining(['lib 1.0.0', 'other 1.0.0'])
		);
		installPackage('node_modules/shared', '3.0.0');
		installPackage('node_modules/other', '3.0.0');
		rmSync(path.join(dir, modules), { recursive: true });
		expect(run('lib')).toBe('lib 1.0.0 (shared 3.0.0, other 1.0.0)');
		expect(run('other')).toBe('other 3.0.0');
	});

	test('may come from a package store with links', async () => {
		const store = 'app/node_modules/.pnpm';
		installPackage(`${store}/lib@1/node_modules/lib`, '1.0.0', ['needed']);
		installPackage(`${store}/needed@1/node_modules/needed`, '1.0.0');
		symlinkSync(
			path.join(dir, store, 'needed@1/node_modules/needed'),
			path.join(dir, store, 'lib@1/node_modules/needed')
		);
		symlinkSync(path.join(dir, store, 'lib@1/node_modules/lib'), path.join(dir, 'app/node_modules/lib'));

		await copy(['lib']);
		rmSync(path.join(dir, 'app'), { recursive: true });
		expect(run('lib')).toBe('lib 1.0.0 (needed 1.0.0)');
	});

	test('has the files for `import` and for `require`, and compiled code, which is logged', async () => {
		write(
			'app/node_modules/lib/package.json',
			JSON.stringify({
				name: 'lib',
				version: '1.0.0',
				exports: { import: './lib.mjs', require: './lib.cjs' }
			})
		);
		write('app/node_modules/lib/lib.mjs', 'export default 1;');
		write('app/node_modules/lib/lib.cjs', `module.exports = () => require('./addon.node');`);
		write('app/node_modules/lib/addon.node', '');

		const copied = await copy(['lib']);
		expect(outputFiles()).toEqual(['lib/addon.node', 'lib/lib.cjs', 'lib/lib.mjs', 'lib/package.json']);
		expect(describeCopied(copied)).toBe(
			`Copying lib and what they need (4 files, 1 KB; lib compiled for ${process.platform} ${process.arch})`
		);
	});
});

test('a linked package is logged, with what to do', async () => {
	installPackage('app/node_modules/lib', '1.0.0');
	write('packages/linked/package.json', '{ "name": "linked", "version": "1.0.0", "main": "index.js" }');
	write('packages/linked/index.js', '');
	symlinkSync(path.join(dir, 'packages/linked'), path.join(dir, 'app/node_modules/linked'));

	const copied = await copy(['lib', 'linked']);
	expect(copied.names).toEqual(['lib']);
	expect(copied.problem).toBe(
		'linked could not be copied into the output (not in a node_modules): the server finds only what production has in its node_modules. Move it to dependencies'
	);
});

test('a failed copy is logged, and leaves no files', async () => {
	installPackage('app/node_modules/lib', '1.0.0');
	// where the directory is to be
	write('output', 'a file');
	const copied = await copy(['lib']);
	expect(copied).toMatchObject({ files: 0, packages: [] });
	expect(copied.problem).toMatch(/^lib could not be copied into the output \(Error: E\w+: /);
});
