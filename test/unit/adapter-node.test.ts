import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { requireAdapterNode, requireEntry } from '../../src/checks/adapter-node.ts';
import { findAdapterNode } from '../../src/project/adapter-node.ts';
import { installCommand } from '../../src/project/package-manager.ts';
import { makeTempDir } from '../support/temp-dir.ts';

let dir: string;

beforeEach(() => {
	// nothing on the way up has a node_modules
	dir = makeTempDir();
	vi.stubEnv('npm_config_user_agent', undefined);
});

afterEach(() => {
	vi.unstubAllEnvs();
});

function write(file: string, text = ''): void {
	const absolute = path.join(dir, file);
	mkdirSync(path.dirname(absolute), { recursive: true });
	writeFileSync(absolute, text);
}

const installPackage = (name: string, version: string, app = '.'): void =>
	write(`${app}/node_modules/${name}/package.json`, JSON.stringify({ name, version }));

const adapterNode = (): never => {
	throw new Error('this is never called');
};

describe('the adapter-node of the project', () => {
	test.each([
		['2.31.0', '5.3.1'],
		['2.70.4', '5.5.7'],
		['3.0.0', '6.0.0'],
		['3.99.0', '6.99.0'],
		['4.0.0', '7.0.0']
	])('goes with it: SvelteKit %s and %s', (kit, version) => {
		installPackage('@sveltejs/kit', kit);
		installPackage('@sveltejs/adapter-node', version);
		expect(requireAdapterNode(adapterNode, dir)).toBe(adapterNode);
	});

	test.each([
		['2.70.4', '6.0.1', '5'],
		['3.2.0', '5.5.7', '6']
	])('is refused: SvelteKit %s and %s', (kit, version, fitting) => {
		installPackage('@sveltejs/kit', kit);
		installPackage('@sveltejs/adapter-node', version);
		installPackage('@opentelemetry/api', '1.10.0');
		expect(() => requireAdapterNode(adapterNode, dir)).toThrow(
			`adapter-node-otel: @sveltejs/adapter-node ${version} does not work with SvelteKit ${kit}. Install the one that does: npm i -D @sveltejs/adapter-node@${fitting}`
		);
		installPackage('@sveltejs/adapter-node', `${fitting}.99.0`);
		expect(requireAdapterNode(adapterNode, dir)).toBe(adapterNode);
	});

	test.each([
		// without the API, the next build would fail for it
		['2.70.4', 'package-lock.json', 'npm i -D @sveltejs/adapter-node@5 @opentelemetry/api'],
		['3.2.0', 'pnpm-lock.yaml', 'pnpm add -D @sveltejs/adapter-node@6']
	])('is missing with SvelteKit %s and a %s', (kit, lockFile, command) => {
		installPackage('@sveltejs/kit', kit);
		write(lockFile);
		expect(() => requireAdapterNode(undefined, dir)).toThrow(
			`adapter-node-otel: @sveltejs/adapter-node, which generates the server, is not installed. Install it: ${command}`
		);
	});

	test('is resolved from the app, not from the workspace', () => {
		installPackage('@sveltejs/adapter-node', '5.5.7');
		installPackage('@sveltejs/adapter-node', '6.0.1', 'apps/new');
		expect(findAdapterNode(path.join(dir, 'apps/new'))?.manifest.version).toBe('6.0.1');
		expect(findAdapterNode(path.join(dir, 'apps/old'))?.manifest.version).toBe('5.5.7');
	});
});

test('an adapter-node that writes other entries fails the build, with the command that installs a tested one', () => {
	installPackage('@sveltejs/kit', '2.99.0');
	installPackage('@sveltejs/adapter-node', '5.99.0');
	const entry = path.join(dir, 'build/index.js');
	expect(() => requireEntry(entry, dir)).toThrow(
		`adapter-node-otel: @sveltejs/adapter-node 5.99.0 has not written ${entry}: this version is not supported. Install the newest that is tested: npm i -D @sveltejs/adapter-node@5.5.7`
	);
	write('build/index.js');
	expect(() => requireEntry(entry, dir)).not.toThrow();
});

describe('the command that installs', () => {
	test.each([
		['package-lock.json', 'npm i -D a b@1'],
		['pnpm-lock.yaml', 'pnpm add -D a b@1'],
		['yarn.lock', 'yarn add -D a b@1'],
		['bun.lock', 'bun add -D a b@1'],
		['deno.lock', 'deno add -D npm:a npm:b@1']
	])('is the one of the package manager that left %s, in the app or above it', (file, command) => {
		write(`workspace/${file}`);
		write('yarn.lock');
		const from = path.join(dir, 'workspace/apps/web');
		expect(installCommand(['a', 'b@1'], { dev: true, from })).toBe(command);
	});

	test.each([
		['pnpm/10.33.0 npm/? node/v24.21.0 linux x64', 'pnpm add a'],
		['npm/11.1.0 node/v24.21.0 linux x64', 'npm i a'],
		['else/1', 'npm i a'],
		[undefined, 'npm i a']
	])('without a lock file is the one of %s, which runs the build', (agent, command) => {
		vi.stubEnv('npm_config_user_agent', agent);
		expect(installCommand(['a'], { from: dir })).toBe(command);
	});
});
