import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { bundledVersion, findApis, placeNewestApi } from '../../src/api/api-copy.ts';
import { checkApi } from '../../src/checks/api.ts';
import type { InstalledPackage } from '../../src/project/project.ts';
import { makeTempDir } from '../support/temp-dir.ts';

let dir: string;

beforeEach(() => {
	// nothing on the way up has a node_modules
	dir = makeTempDir();
});

function write(file: string, text: string): string {
	const absolute = path.join(dir, file);
	mkdirSync(path.dirname(absolute), { recursive: true });
	writeFileSync(absolute, text);
	return absolute;
}

/** Installs an API that says its version and nothing else. */
function installApi(version: string, modules = 'node_modules'): InstalledPackage {
	const manifest = { name: '@opentelemetry/api', version, type: 'module', exports: './index.js' };
	const file = write(`${modules}/@opentelemetry/api/package.json`, JSON.stringify(manifest));
	write(
		`${modules}/@opentelemetry/api/index.js`,
		`export { VERSION } from './version.js';\nexport default { version: '${version}' };\n`
	);
	write(`${modules}/@opentelemetry/api/version.js`, `export const VERSION = '${version}';\n`);
	return { directory: path.dirname(file), manifest };
}

function installKit(version: string, modules = 'node_modules'): void {
	write(`${modules}/@sveltejs/kit/package.json`, JSON.stringify({ name: '@sveltejs/kit', version }));
}

/** `otel/api.js` as this package brings it. */
const ourApi = (): string => write('build/otel/api.js', '/*! @opentelemetry/api 1.10.0 */\nexport {};\n');

describe('the API in the output', () => {
	test.each(['1.10.0', '1.9.1', '1.0.0'])('is ours if the project has %s', async (version) => {
		const file = ourApi();
		const before = readFileSync(file, 'utf8');
		expect(await placeNewestApi(file, [installApi(version)])).toBeUndefined();
		expect(readFileSync(file, 'utf8')).toBe(before);
	});

	test.each(['1.10.1', '1.11.0', '1.99.0'])('is the %s of the project, in one file', async (version) => {
		const file = ourApi();
		expect(await placeNewestApi(file, [installApi('1.4.0', 'kit/node_modules'), installApi(version)])).toBe(
			undefined
		);
		expect(bundledVersion(readFileSync(file, 'utf8'))).toBe(version);

		// away from what it was bundled from
		const moved = path.join(dir, 'moved.mjs');
		cpSync(file, moved);
		rmSync(path.join(dir, 'node_modules'), { recursive: true });
		const api = await import(pathToFileURL(moved).href);
		expect(api).toMatchObject({ VERSION: version, default: { version } });
	});

	test('stays ours if the project has another major version, and the build logs that the two do not share state', async () => {
		const file = ourApi();
		expect(await placeNewestApi(file, [installApi('2.0.0')])).toBe(
			'@opentelemetry/api 2.0.0 is installed, which does not work with the 1.10.0 of adapter-node-otel: spans that are made with it will not be recorded. Install another version: npm i -D @opentelemetry/api@1'
		);
		expect(bundledVersion(readFileSync(file, 'utf8'))).toBe('1.10.0');
	});

	test('stays ours when a newer one cannot be bundled, and the build logs this', async () => {
		const file = ourApi();
		const broken = installApi('1.11.0');
		rmSync(path.join(broken.directory, 'version.js'));
		expect(await placeNewestApi(file, [broken])).toMatch(
			/^@opentelemetry\/api 1\.11\.0 is installed, newer than the 1\.10\.0 of adapter-node-otel, and could not be bundled/
		);
		expect(bundledVersion(readFileSync(file, 'utf8'))).toBe('1.10.0');
	});
});

describe('where the API is found', () => {
	const versions = (): (string | undefined)[] => findApis(dir).map(({ manifest }) => manifest.version);

	test('by the app and by SvelteKit, which have two copies in a strict node_modules', () => {
		installApi('1.9.0');
		installKit('2.70.4', 'store/kit/node_modules');
		installApi('1.11.0', 'store/kit/node_modules');
		mkdirSync(path.join(dir, 'node_modules/@sveltejs'), { recursive: true });
		symlinkSync(
			path.join(dir, 'store/kit/node_modules/@sveltejs/kit'),
			path.join(dir, 'node_modules/@sveltejs/kit')
		);
		expect(versions()).toEqual(['1.9.0', '1.11.0']);
		expect(checkApi(dir)).toBeUndefined();
	});

	test('nowhere: the build of SvelteKit 2 would fail, so a message says what to install', () => {
		installKit('2.70.4');
		expect(versions()).toEqual([]);
		expect(checkApi(dir)).toBe(
			'@opentelemetry/api cannot be found from here, and SvelteKit 2.70.4 cannot be built with tracing without it. Install it: npm i -D @opentelemetry/api'
		);
		installApi('1.10.0');
		expect(checkApi(dir)).toBeUndefined();
	});

	test('nowhere: no problem for SvelteKit 3', () => {
		installKit('3.2.0');
		expect(checkApi(dir)).toBeUndefined();
	});
});
