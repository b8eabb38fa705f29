import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cached, hashOf } from './cache.ts';
import { packageManagerEnv } from './clean-env.ts';
import { exec } from './exec.ts';

/**
 * Packs a package of a few files as the registry would have it: one that is linked to would be looked for
 * dependencies from where it really is. Resolves with what stands for it in a package.json.
 */
export async function packPackage(name: string, files: Record<string, string>): Promise<string> {
	const dir = await cached(join('packages', hashOf([name, files])), async (target) => {
		const source = join(target, 'package');
		await mkdir(source);
		const manifest = { name, version: '1.0.0', type: 'module', exports: './index.js' };
		const all = { 'package.json': JSON.stringify(manifest), ...files };
		for (const [path, text] of Object.entries(all)) await writeFile(join(source, path), text);
		await exec('npm', ['pack', '--ignore-scripts', '--pack-destination', target], {
			cwd: source,
			env: packageManagerEnv()
		});
	});
	return `file:${join(dir, `${name}-1.0.0.tgz`)}`;
}
