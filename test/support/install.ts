import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cached, hashOf, prune } from './cache.ts';
import { packageManagerEnv } from './clean-env.ts';
import { exec } from './exec.ts';
import type { ExecResult } from './exec.ts';

/** The package managers that an app can be installed with; `yarn` is the first generation of it. */
export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'yarn-4';

/** The part of a `package.json` that decides what is installed. */
export interface Dependencies {
	dependencies: Record<string, string>;
	devDependencies: Record<string, string>;
	/** Of what is not named here itself. */
	overrides?: Record<string, string>;
}

/** The releases of the other package managers that tests use. */
const packageManagers = {
	pnpm: { name: 'pnpm', version: '10.33.0', script: 'bin/pnpm.cjs' },
	yarn: { name: 'yarn', version: '1.22.22', script: 'bin/yarn.js' },
	'yarn-4': { name: '@yarnpkg/cli-dist', version: '4.18.1', script: 'bin/yarn.js' }
};

/**
 * Installs a set of dependencies with npm, once; resolves with the directory. Apps live below it and
 * find its `node_modules` as they would find their own, so that many apps share one installation.
 */
export function installShared(dependencies: Dependencies): Promise<string> {
	return cached(join('apps', hashOf(dependencies)), async (dir) => {
		const manifest = { name: 'shared', private: true, type: 'module', ...dependencies };
		await writeFile(join(dir, 'package.json'), JSON.stringify(manifest, null, '\t'));
		await install('npm', dir);
		await prune('apps');
	});
}

/** A temporary failure of the registry must not fail a test. */
const attempts = 3;

/** Installs what a directory's `package.json` names, into that directory. */
export async function install(packageManager: PackageManager, dir: string): Promise<ExecResult> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await installOnce(packageManager, dir);
		} catch (error) {
			if (attempt === attempts) throw error;
		}
	}
}

async function installOnce(packageManager: PackageManager, dir: string): Promise<ExecResult> {
	const env = packageManagerEnv();
	if (packageManager === 'npm') {
		const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--no-package-lock'];
		return exec('npm', ['install', ...flags], { cwd: dir, env });
	}
	const script = await findScript(packageManager);
	const flags = {
		pnpm: ['install', '--no-frozen-lockfile', '--prefer-offline', '--config.strict-peer-dependencies=false'],
		yarn: ['install', '--non-interactive', '--no-lockfile', '--prefer-offline'],
		'yarn-4': ['install']
	};
	return exec(process.execPath, [script, ...flags[packageManager]], { cwd: dir, env });
}

/**
 * Runs a package manager in a project, as a user does.
 *
 * @param args without the name of the package manager
 */
export async function runPackageManager(
	packageManager: PackageManager,
	args: readonly string[],
	dir: string
): Promise<ExecResult> {
	const env = { ...packageManagerEnv(), YARN_ENABLE_TELEMETRY: '0' };
	if (packageManager === 'npm') return exec('npm', args, { cwd: dir, env });
	return exec(process.execPath, [await findScript(packageManager), ...args], { cwd: dir, env });
}

/** Puts a package manager into a directory for commands, by the name that people call it. */
export async function putCommand(packageManager: Exclude<PackageManager, 'npm'>, bin: string): Promise<void> {
	const file = join(bin, packageManager.replace(/-.*/, ''));
	await writeFile(file, `#!/bin/sh\nexec node '${await findScript(packageManager)}' "$@"\n`, { mode: 0o755 });
}

async function findScript(packageManager: keyof typeof packageManagers): Promise<string> {
	const { name, version, script } = packageManagers[packageManager];
	const dir = await cached(join('package-managers', `${name}-${version}`), async (target) => {
		await writeFile(join(target, 'package.json'), '{ "private": true }');
		const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'];
		await exec('npm', ['install', ...flags, `${name}@${version}`], {
			cwd: target,
			env: packageManagerEnv()
		});
	});
	return join(dir, 'node_modules', name, script);
}
