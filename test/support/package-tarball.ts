import { createHash } from 'node:crypto';
import { readFile, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cached } from './cache.ts';
import { packageManagerEnv } from './clean-env.ts';
import { exec } from './exec.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The packed package. */
export interface Tarball {
	/** The path of the `.tgz` file, which holds the hash: another content has another path. */
	path: string;
	hash: string;
}

let packed: Promise<Tarball> | undefined;

/**
 * Packs the repository as it would be published, from what `npm run build` left in `dist`. Looked at
 * once per process, because a build during the tests would otherwise change the package.
 */
export function packTarball(): Promise<Tarball> {
	packed ??= pack();
	return packed;
}

async function pack(): Promise<Tarball> {
	const hash = await hashContent();
	const dir = await cached(join('tarballs', hash), async (target) => {
		const { stdout } = await exec(
			'npm',
			['pack', '--ignore-scripts', '--json', '--pack-destination', target],
			{ cwd: repository, env: packageManagerEnv() }
		);
		await rename(join(target, findFileName(stdout)), join(target, 'adapter-node-otel.tgz'));
	});
	return { path: join(dir, 'adapter-node-otel.tgz'), hash };
}

/** npm 12 answers with an object by package name where earlier ones have an array. */
function findFileName(json: string): string {
	const [entry] = Object.values(JSON.parse(json) as Record<string, { filename: string }>);
	if (!entry) throw new Error(`\`npm pack\` named no file: ${json}`);
	return entry.filename;
}

async function hashContent(): Promise<string> {
	const hash = createHash('sha256');
	for (const file of await listPackedFiles()) {
		hash.update(`${file}\0`).update(await readFile(join(repository, file)));
	}
	return hash.digest('hex').slice(0, 16);
}

async function listPackedFiles(): Promise<string[]> {
	const dist = await readdir(join(repository, 'dist'), { recursive: true, withFileTypes: true }).catch(() => {
		throw new Error('There is no `dist` to pack: run `npm run build` first');
	});
	const files = dist
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(repository.length));
	const top = (await readdir(repository)).filter((name) =>
		/^(package\.json|readme|licen[cs]e|changelog)/i.test(name)
	);
	return [...top, ...files].sort();
}
