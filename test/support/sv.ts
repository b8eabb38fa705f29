import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import { type Files, readTree } from './app-sources.ts';
import { cached } from './cache.ts';
import { packageManagerEnv } from './clean-env.ts';
import { type ExecResult, exec } from './exec.ts';
import { packTarball } from './package-tarball.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The release of Svelte's CLI that is tested. */
export const svVersion: string = packageJson.devDependencies.sv;

/** Runs `sv`, without a terminal, so that it cannot ask questions. */
async function sv(args: readonly string[], cwd: string, allowFailure = false): Promise<ExecResult> {
	// it writes into the `node_modules` that it is in
	const dir = await cached(join('sv', svVersion), async (target) => {
		for (const name of ['sv', '@sveltejs/sv-utils']) {
			await cp(join(repository, 'node_modules', name), join(target, 'node_modules', name), {
				recursive: true
			});
		}
	});
	const script = join(dir, 'node_modules/sv/dist/bin.mjs');
	const env = { ...packageManagerEnv(), NO_COLOR: '1' };
	return exec(process.execPath, [script, ...args], { cwd, env, allowFailure });
}

/** The packed package, unpacked alone as `sv` unpacks what it has downloaded. */
async function unpackPackage(): Promise<string> {
	const { path, hash } = await packTarball();
	const dir = await cached(join('unpacked', hash), async (target) => {
		await exec('tar', ['-xzf', path, '-C', target]);
	});
	return join(dir, 'package');
}

/**
 * Makes a project as `sv create` makes it.
 *
 * @param dir does not exist yet
 * @param types of the two that `sv` offers
 * @param add whether with this package's add-on
 */
export async function createProject(dir: string, types: 'ts' | 'jsdoc', add = false): Promise<void> {
	await mkdir(join(dir, '..'), { recursive: true });
	const addOns = add ? ['--add', `file:${await unpackPackage()}`, '--no-download-check'] : ['--no-add-ons'];
	await sv(
		['create', dir, '--template', 'minimal', '--types', types, ...addOns, '--no-install'],
		join(dir, '..')
	);
}

/** The files of a project that `sv create` has made, by their path: made once. */
export async function createdFiles(): Promise<Files> {
	const dir = await cached(join('created', svVersion), (target) => createProject(join(target, 'app'), 'ts'));
	return readTree(join(dir, 'app'));
}

/** Runs `sv add` for this package in a project, without installing anything. */
export async function addToProject(dir: string, allowFailure = false): Promise<ExecResult> {
	const flags = ['--no-git-check', '--no-download-check', '--no-install'];
	return sv(['add', `file:${await unpackPackage()}`, ...flags], dir, allowFailure);
}
