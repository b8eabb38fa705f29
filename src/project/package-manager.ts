import { existsSync } from 'node:fs';
import path from 'node:path';

/** The lock file of each package manager, and its command to add a package. */
const PACKAGE_MANAGERS = [
	{ name: 'pnpm', files: ['pnpm-lock.yaml', 'pnpm-workspace.yaml'], add: 'pnpm add' },
	{ name: 'yarn', files: ['yarn.lock'], add: 'yarn add' },
	{ name: 'bun', files: ['bun.lock', 'bun.lockb'], add: 'bun add' },
	{ name: 'deno', files: ['deno.lock'], add: 'deno add' },
	{ name: 'npm', files: ['package-lock.json', 'npm-shrinkwrap.json'], add: 'npm i' }
] as const;

type PackageManager = (typeof PACKAGE_MANAGERS)[number];

const NPM: PackageManager = PACKAGE_MANAGERS.at(-1)!;

/**
 * Returns the command that installs packages in this project, with the project's package manager.
 *
 * @param packages package names, with versions if needed
 * @param options `dev`: as development dependencies; `from`: the app's directory
 */
export function installCommand(
	packages: readonly string[],
	{ dev = false, from = process.cwd() }: { dev?: boolean; from?: string } = {}
): string {
	const { name, add } = findPackageManager(from);
	const prefixed = name === 'deno' ? packages.map((each) => `npm:${each}`) : packages;
	return [add, ...(dev ? ['-D'] : []), ...prefixed].join(' ');
}

/**
 * Finds the package manager by the lock file of the app or its workspace, else by the command that runs
 * the build.
 */
function findPackageManager(from: string): PackageManager {
	for (let directory = path.resolve(from); ; directory = path.dirname(directory)) {
		const found = PACKAGE_MANAGERS.find(({ files }) =>
			files.some((file) => existsSync(path.join(directory, file)))
		);
		if (found) return found;
		if (directory === path.dirname(directory)) break;
	}
	// https://docs.npmjs.com/cli/v11/using-npm/config#user-agent
	const agent = process.env['npm_config_user_agent']?.split('/')[0];
	return PACKAGE_MANAGERS.find(({ name }) => name === agent) ?? NPM;
}
