import { join } from 'node:path';

import { cached } from './cache.ts';
import { packageManagerEnv } from './clean-env.ts';
import { exec } from './exec.ts';

/** The releases of Node that are tested, by the names that tests use. The newest of its line each. */
export const nodeVersions = {
	'22.17.0': '22.17.0',
	'22': '22.23.3',
	'24': '24.21.0',
	'26': '26.10.0'
} as const;

/** A name of a tested release, or any exact version. */
export type NodeVersion = keyof typeof nodeVersions | `${number}.${number}.${number}`;

/** The path of a real Node of this version; installed from the registry when first asked for. */
export async function nodeBinary(version: NodeVersion): Promise<string> {
	const exact = Object.hasOwn(nodeVersions, version)
		? nodeVersions[version as keyof typeof nodeVersions]
		: version;
	if (process.version === `v${exact}`) return process.execPath;

	// The package `node` picks one of these with an install script; naming it needs no script.
	const platform = process.platform === 'win32' ? 'win' : process.platform;
	const name = `node-${platform}-${process.arch}`;
	const dir = await cached(join('node', exact), async (target) => {
		await exec(
			'npm',
			[
				'install',
				'--prefix',
				target,
				'--no-audit',
				'--no-fund',
				'--ignore-scripts',
				'--no-package-lock',
				`${name}@${exact}`
			],
			{ cwd: target, env: packageManagerEnv() }
		);
	});
	const binary = process.platform === 'win32' ? 'node.exe' : 'node';
	return join(dir, 'node_modules', name, 'bin', binary);
}

/** The options that let a server listen and export under Node's permission model: from Node 25 on it has one. */
export async function networkPermission(): Promise<string[]> {
	const { stdout } = await exec(await testedNode(), [
		'-p',
		`process.allowedNodeEnvironmentFlags.has('--allow-net')`
	]);
	return stdout.trim() === 'true' ? ['--allow-net'] : [];
}

/** The Node that runs the servers: the one that runs the tests, or the one that `TEST_NODE` names. */
export async function testedNode(): Promise<string> {
	const version = process.env['TEST_NODE'];
	return version ? nodeBinary(version as NodeVersion) : process.execPath;
}
