import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from './exec.ts';
import { packageManagerEnv } from './clean-env.ts';

/** What stands in for a missing package: nothing depends on it. */
const REPLACEMENT = 'npm:is-number@7.0.0';

interface PackageLock {
	packages: Record<string, { optionalDependencies?: Record<string, string> }>;
}

/**
 * Replaces the optional packages of a project that the registry does not have, such as those of other systems for
 * a release of today. npm and pnpm leave such a package out. yarn resolves all of them, and fails.
 *
 * @param dir has a `package.json` and no lock file
 */
export async function replaceMissingPackages(dir: string): Promise<void> {
	const flags = ['--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'];
	await exec('npm', ['install', ...flags], { cwd: dir, env: packageManagerEnv() });
	const lock = join(dir, 'package-lock.json');
	const { packages } = JSON.parse(await readFile(lock, 'utf8')) as PackageLock;
	await rm(lock);

	const resolved = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)!));
	const missing = Object.values(packages)
		.flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
		.filter((name) => !resolved.has(name));
	const file = join(dir, 'package.json');
	const json = JSON.parse(await readFile(file, 'utf8')) as object;
	const resolutions = Object.fromEntries(missing.map((name) => [name, REPLACEMENT]));
	await writeFile(file, JSON.stringify({ ...json, resolutions }, undefined, '\t'));
}
