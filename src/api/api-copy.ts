import { readFileSync } from 'node:fs';
import path from 'node:path';
import { API } from './share-api.ts';
import { installCommand } from '../project/package-manager.ts';
import { type InstalledPackage, findPackage, realDirectory } from '../project/project.ts';
import { compareVersions, majorOf } from '../project/version.ts';
import { importVite } from '../project/vite.ts';

/**
 * Finds the copies of the API that the app and SvelteKit import. Each is resolved from its importer: with
 * a strict `node_modules` layout, such as pnpm's, they can differ.
 *
 * @param from the directory of the app
 */
export function findApis(from?: string): InstalledPackage[] {
	const kit = findPackage('@sveltejs/kit', from);
	const found = [findPackage(API, from), kit && findPackage(API, realDirectory(kit))];
	return found.filter((copy) => copy !== undefined);
}

/**
 * Makes sure that the API in `otel/` is the newest of those in the server. Our SDK registers with that
 * copy. It also serves copies of the same or an older version. A copy with a newer minor version would
 * find nothing and log nothing
 * (https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/semver.ts).
 *
 * @param file `otel/api.js` in the output, which is our copy at first
 * @param copies the other copies
 * @returns the warning for the user, if not all copies are compatible
 */
export async function placeNewestApi(
	file: string,
	copies: readonly InstalledPackage[]
): Promise<string | undefined> {
	const ours = bundledVersion(readFileSync(file, 'utf8'));
	const version = (copy: InstalledPackage): string => copy.manifest.version ?? '0.0.0';

	const other = copies.find((copy) => majorOf(version(copy)) !== majorOf(ours));
	if (other) {
		return `${API} ${version(other)} is installed, which does not work with the ${ours} of adapter-node-otel: spans that are made with it will not be recorded. Install another version: ${installCommand([`${API}@${majorOf(ours)}`], { dev: true })}`;
	}
	const newest = copies.toSorted((a, b) => compareVersions(version(b), version(a)))[0];
	if (!newest || compareVersions(version(newest), ours) <= 0) return undefined;

	try {
		await bundleApi(newest, file);
		return undefined;
	} catch (error) {
		return `${API} ${version(newest)} is installed, newer than the ${ours} of adapter-node-otel, and could not be bundled in its place (${String(error).split('\n')[0]}): spans that the app makes itself will not be recorded. Install another version: ${installCommand([`${API}@${ours}`], { dev: true })}`;
	}
}

/** The version in the first line of the bundled API, which `rollup.config.js` writes. */
export function bundledVersion(code: string): string {
	const version = /^\/\*! @opentelemetry\/api (\S+) \*\//.exec(code)?.[1];
	if (!version) throw new Error('adapter-node-otel: the bundled API does not tell its version');
	return version;
}

/** Bundles an installed copy into one file with the Vite of the project, which is 5 or later. */
async function bundleApi(copy: InstalledPackage, file: string): Promise<void> {
	const { build } = await importVite();

	await build({
		configFile: false,
		root: copy.directory,
		publicDir: false,
		logLevel: 'silent',
		ssr: { noExternal: true },
		build: {
			ssr: true,
			outDir: path.resolve(path.dirname(file)),
			emptyOutDir: false,
			target: 'esnext',
			rollupOptions: {
				input: API,
				output: {
					entryFileNames: path.basename(file),
					banner: `/*! ${API} ${copy.manifest.version} */`
				}
			}
		}
	});
}
