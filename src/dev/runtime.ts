import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { BuildManifest } from '../../files/types/build-manifest.d.ts';
import type { DevRuntime } from '../../files/types/dev.d.ts';
import { findApis } from '../api/api-copy.ts';
import { copyFiles } from '../project/copy-files.ts';
import { entryOf } from '../project/project.ts';
import { compareVersions, majorOf } from '../project/version.ts';

/** The bundles: the run-time code of a build, and the additional code for dev servers. */
const SOURCES = ['../files/otel', '../files-dev'].map((each) =>
	fileURLToPath(new URL(each, import.meta.url))
);

/** The oldest API that has everything the run-time code imports from it. */
const OLDEST_API = '1.10.0';

/** One per process: what is registered with OpenTelemetry's API stays registered. */
let loaded: Promise<DevRuntime> | undefined;

/**
 * Loads the run-time code from the directory of SvelteKit's generated files. From there it resolves the
 * app's packages and the app's API.
 *
 * @param outDir SvelteKit's output directory
 * @param buildManifest what is known about the app
 */
export const loadRuntime = (outDir: string, buildManifest: BuildManifest): Promise<DevRuntime> =>
	(loaded ??= load(path.join(outDir, 'otel'), buildManifest));

/** The run-time code, if it has been loaded. */
export const loadedRuntime = (): Promise<DevRuntime> | undefined => loaded;

async function load(directory: string, buildManifest: BuildManifest): Promise<DevRuntime> {
	for (const source of SOURCES) copyFiles(source, directory);
	const write = (file: string, code: string): void => writeFileSync(path.join(directory, file), code);
	write('build-manifest.js', `export default ${JSON.stringify(buildManifest)};\n`);
	const api = findAppApi();
	if (api?.isUsable) write('api.js', `export * from ${JSON.stringify(api.url)};\n`);

	const { createDevRuntime } = (await import(pathToFileURL(path.join(directory, 'dev.js')).href)) as {
		createDevRuntime(olderApi?: object): DevRuntime;
	};
	return createDevRuntime(api && !api.isUsable ? ((await import(api.url)) as object) : undefined);
}

/**
 * The app's own API: the same module that SvelteKit and the app import. A tracer that was created before ours
 * is registered finds ours only through that module. If it is too old, the bundled API is used, and the provider
 * is set in the app's copy, too.
 */
function findAppApi(): { url: string; isUsable: boolean } | undefined {
	const [newest] = findApis()
		.filter(({ manifest: { version = '0' } }) => majorOf(version) === majorOf(OLDEST_API))
		.toSorted((a, b) => compareVersions(b.manifest.version!, a.manifest.version!));
	return (
		newest && {
			url: pathToFileURL(path.join(newest.directory, entryOf(newest.manifest))).href,
			isUsable: compareVersions(newest.manifest.version!, OLDEST_API) >= 0
		}
	);
}
