import { createHash } from 'node:crypto';
import { cp, readFile, readdir, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { packageManagerEnv } from '../support/clean-env.ts';
import { exec } from '../support/exec.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

let parent: string;

beforeAll(async () => {
	parent = makeTempDir();
});

/** The files of a directory by their contents. */
async function hash(dir: string): Promise<Record<string, string>> {
	const entries = await readdir(dir, { recursive: true, withFileTypes: true });
	const files = entries
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => join(parentPath, name));
	const hashes = files.sort().map(async (file) => {
		const digest = createHash('sha256')
			.update(await readFile(file))
			.digest('hex');
		return [relative(dir, file), digest] as const;
	});
	return Object.fromEntries(await Promise.all(hashes));
}

test('the same input makes the same bytes, also in a path with a space and a letter beyond ASCII', async () => {
	const dir = join(parent, 'my prüject');
	const inputs = ['src', 'files', 'package.json', 'rollup.config.js', 'tsconfig.json', 'tsconfig.build.json'];
	for (const each of inputs) await cp(join(repository, each), join(dir, each), { recursive: true });
	await symlink(join(repository, 'node_modules'), join(dir, 'node_modules'), 'junction');
	await exec('npm', ['run', '--silent', 'build'], { cwd: dir, env: packageManagerEnv() });
	expect(await hash(join(dir, 'dist'))).toEqual(await hash(join(repository, 'dist')));
});
