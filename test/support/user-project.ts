import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect } from 'vitest';
import { packageManagerEnv } from './clean-env.ts';
import { type ExecResult, exec } from './exec.ts';
import { type PackageManager, putCommand } from './install.ts';
import { replaceMissingPackages } from './missing-packages.ts';
import type { Registry } from './registry.ts';
import { createProject } from './sv.ts';
import { makeTempDir } from './temp-dir.ts';

/** An installed project of `sv create`, in which commands are run as by a user. */
export interface UserProject {
	dir: string;
	/** The whole environment of its commands. */
	env: NodeJS.ProcessEnv;
	/** Runs a command line to its end. */
	run(line: string, allowFailure?: boolean): Promise<ExecResult>;
	/** Resolves with the URL that a browser was to open, as soon as there is one. */
	readOpened(): Promise<string>;
}

let created: Promise<string> | undefined;

/** A project that is copied for each package manager. */
async function create(): Promise<string> {
	const dir = join(makeTempDir(), 'created');
	await createProject(dir, 'ts');
	await replaceMissingPackages(dir);
	return dir;
}

/**
 * Makes a project and installs it.
 *
 * @param packageManager its lock file identifies it to other tools
 * @param registry where packages come from
 */
export async function makeUserProject(
	packageManager: PackageManager,
	registry: Registry
): Promise<UserProject> {
	const parent = makeTempDir();
	const [bin, dir, browser] = [join(parent, 'bin'), join(parent, 'app'), join(parent, 'browser.js')];
	await mkdir(bin);
	await cp(await (created ??= create()), dir, { recursive: true });
	if (packageManager !== 'npm') await putCommand(packageManager, bin);
	if (packageManager === 'yarn-4') await writeFile(join(dir, 'yarn.lock'), '');
	const opened = join(parent, 'opened.txt');
	await writeFile(
		browser,
		`require('node:fs').writeFileSync(${JSON.stringify(opened)}, process.argv.at(-1));`
	);

	const env: NodeJS.ProcessEnv = {
		...packageManagerEnv(),
		...registry.env,
		NO_COLOR: '1',
		YARN_ENABLE_TELEMETRY: '0',
		// https://vite.dev/config/server-options#server-open
		BROWSER: browser
	};
	env['PATH'] = `${bin}${delimiter}${env['PATH']}`;
	const run: UserProject['run'] = (line, allowFailure = false) =>
		exec('sh', ['-c', line], { cwd: dir, env, allowFailure });
	await run(`${packageManager.replace(/-.*/, '')} install`);
	return {
		dir,
		env,
		run,
		async readOpened() {
			const read = (): Promise<string> => readFile(opened, 'utf8').catch(() => '');
			await expect.poll(read, { timeout: 30_000 }).not.toBe('');
			return read();
		}
	};
}
