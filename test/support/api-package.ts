import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from './cache.ts';
import { packageManagerEnv } from './clean-env.ts';
import { exec } from './exec.ts';

const installed = fileURLToPath(new URL('../../node_modules/@opentelemetry/api', import.meta.url));

/**
 * Packs `@opentelemetry/api` as if it were of another version, in its package.json and in its code, with one
 * export more: `onlyInNewer`. Resolves with what stands for it in a package.json.
 */
export async function packApi(version: string): Promise<string> {
	const dir = await cached(join('api', version), async (target) => {
		const source = join(target, 'package');
		await mkdir(source);
		await cp(installed, source, { recursive: true });
		const { version: real } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'));

		const files = await readdir(source, { recursive: true });
		for (const file of files.filter((name) => /package\.json$|\.[cm]js$/.test(name))) {
			const path = join(source, file);
			await writeFile(path, (await readFile(path, 'utf8')).replaceAll(`"${real}"`, `"${version}"`));
		}
		await append(join(source, 'dist/index.mjs'), `\nexport const onlyInNewer = 'yes';\n`);
		await append(join(source, 'dist/index.cjs'), `\nexports.onlyInNewer = 'yes';\n`);

		await exec('npm', ['pack', '--ignore-scripts', '--pack-destination', target], {
			cwd: source,
			env: packageManagerEnv()
		});
	});
	return `file:${join(dir, `opentelemetry-api-${version}.tgz`)}`;
}

async function append(path: string, text: string): Promise<void> {
	await writeFile(path, (await readFile(path, 'utf8')) + text);
}
