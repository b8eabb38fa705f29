import { cp, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cached, hashOf } from './cache.ts';
import { packageManagerEnv } from './clean-env.ts';
import { exec } from './exec.ts';

const kit = fileURLToPath(new URL('../../node_modules/@sveltejs/kit', import.meta.url));

/**
 * Packs a copy of SvelteKit 3 that says something otherwise: what a later release may do. Resolves with what
 * stands for it in a package.json.
 *
 * @param renames a text of its sources and what stands in its place
 */
export async function packRenamedKit(renames: Record<string, string>): Promise<string> {
	const { version } = JSON.parse(await readFile(join(kit, 'package.json'), 'utf8')) as { version: string };
	const dir = await cached(join('packages', hashOf(['kit', version, renames])), async (target) => {
		const source = join(target, 'package');
		await cp(kit, source, { recursive: true, filter: (file) => !file.includes('kit/node_modules') });
		for (const entry of await readdir(join(source, 'src'), { recursive: true, withFileTypes: true })) {
			if (!entry.name.endsWith('.js')) continue;
			const file = join(entry.parentPath, entry.name);
			const code = await readFile(file, 'utf8');
			const renamed = renameAll(code, renames);
			if (renamed !== code) await writeFile(file, renamed);
		}
		await exec('npm', ['pack', '--ignore-scripts', '--pack-destination', target], {
			cwd: source,
			env: packageManagerEnv()
		});
	});
	return `file:${join(dir, `sveltejs-kit-${version}.tgz`)}`;
}

const renameAll = (text: string, renames: Record<string, string>): string =>
	Object.entries(renames).reduce((result, [from, to]) => result.replaceAll(from, to), text);
