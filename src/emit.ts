import { readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Builder } from '@sveltejs/kit';
import type { Defaults, BuildManifest } from '../files/types/build-manifest.d.ts';
import { findApis, placeNewestApi } from './api/api-copy.ts';
import { placeOwnApi } from './api/own-api.ts';
import { API, shareApi } from './api/share-api.ts';
import type { Instrumentation } from './kit/builder.ts';
import { findAppFacts } from './kit/app-facts.ts';
import type { WrappedModules } from './kit/wrappers.ts';
import { asKit2 } from './kit/kit-2.ts';
import { NOTE_REMOTE_FUNCTIONS } from './kit/remote-functions.ts';
import { rewriteFiles } from './kit/rewrite.ts';
import { requireEntry } from './checks/adapter-node.ts';
import { describeMissingFlag } from './checks/tracing-flag.ts';
import { findOptionsPlace } from './project/options-place.ts';
import { connectTracing } from './kit/connect-tracing.ts';
import { copyRuntime } from './instrumentation/copy-runtime.ts';
import { emitLibraries } from './instrumentation/emit.ts';
import type { Instrumented, Libraries } from './instrumentation/libraries.ts';
import type { Externalized } from './instrumentation/externalize.ts';
import { createBuildManifest } from './project/build-manifest.ts';
import { findPackage } from './project/project.ts';

/** The output of `rollup.config.js`: `otel/` and the two facades. */
const files = fileURLToPath(new URL('./files', import.meta.url));

/** Adapter-node's entries and their exports. */
const ENTRIES = { 'index.js': ['path', 'host', 'port', 'server'], 'handler.js': ['handler'] };

interface Emission {
	builder: Builder;
	out: string;
	envPrefix: string;
	defaults: Defaults;
	instrumentation: Instrumentation | undefined;
	libraries: Libraries;
	/** SvelteKit 3: the externalized libraries. */
	externalized: Externalized | undefined;
	/** SvelteKit 3: our modules that wrap SvelteKit's. */
	wrapped: WrappedModules | undefined;
}

/**
 * Adds telemetry to adapter-node's output: `otel/`, and a facade for each entry.
 *
 * @throws {Error} if adapter-node has not written the expected entries
 */
export async function emit(emission: Emission): Promise<void> {
	const { builder, out, envPrefix, defaults, instrumentation, libraries, externalized, wrapped } = emission;
	builder.log.minor('Adding OpenTelemetry');

	for (const [entry, names] of Object.entries(ENTRIES)) {
		const file = path.join(out, entry);
		requireEntry(file);
		// in the same directory, because its imports are relative
		const moved = path.join(out, `adapter-node-${entry}`);
		renameSync(file, moved);
		nameExports(moved, names);
	}
	const hasInstrumentations = instrumentation !== undefined || libraries.instrumentations.length > 0;
	copyRuntime(files, out, hasInstrumentations);

	if (instrumentation) {
		write(out, 'otel/instrumentation.js', instrumentationModule(instrumentation));
		const register = readFileSync(path.join(out, 'otel/register.js'), 'utf8');
		write(out, 'otel/register.js', importInstrumentation(register));
	}

	const modules = modulesIn(out);
	const { packages, ineffective } = await emitLibraries(builder, libraries, externalized, out, modules);
	const instrumentations = libraries.instrumentations.map((each) => ({
		...each,
		...(ineffective.has(each.name) && { isBundled: true as const })
	}));
	const buildManifest = await manifestOf(builder, envPrefix, defaults, instrumentations);
	write(out, 'otel/build-manifest.js', `export default ${JSON.stringify(buildManifest, null, '\t')};\n`);
	const apis = [...findApis(), ...packages.filter(({ manifest }) => manifest.name === API)];
	const warning = await placeNewestApi(path.join(out, 'otel/api.js'), apis);
	if (warning) builder.log.warn(`adapter-node-otel: ${warning}`);
	for (const message of connectTracing({ out, modules, kit2: asKit2(builder), wrapped })) {
		builder.log.warn(`adapter-node-otel: ${message}`);
	}
	if (asKit2(builder)) {
		// `vite preview` runs SvelteKit's own output
		const server = builder.getServerDirectory();
		rewriteFiles(server, modulesIn(server), [NOTE_REMOTE_FUNCTIONS]);
	}
	const own = instrumentation && (await placeOwnApi(out, instrumentation.file, findPackage(API)));
	await shareApi(out, modules, own);
}

/**
 * Lists the names that an entry re-exports. Some users bundle the output again with esbuild, which does
 * not wait for modules that are re-exported with `export *`.
 */
function nameExports(file: string, names: readonly string[]): void {
	const [, specifier] = /^export \* from (['"][^'"]+['"]);?\s*$/.exec(readFileSync(file, 'utf8')) ?? [];
	if (specifier) writeFileSync(file, `export { ${names.join(', ')} } from ${specifier};\n`);
}

async function manifestOf(
	builder: Builder,
	envPrefix: string,
	defaults: Defaults,
	instrumentations: readonly Instrumented[]
): Promise<BuildManifest> {
	const kit2 = asKit2(builder);
	const missingFlag = kit2 && describeMissingFlag(kit2, await findOptionsPlace());
	// SvelteKit 2 has `paths` below `kit`, and uses `ORIGIN` instead of this option
	const origin = (builder.config as { paths?: { origin?: string } }).paths?.origin;
	return createBuildManifest({
		envPrefix,
		...findAppFacts(builder),
		...(missingFlag && { missingFlag }),
		defaults,
		instrumentations,
		...(origin && { origin })
	});
}

/** Runs the app's `instrumentation.server` file in the order that SvelteKit documents. */
function instrumentationModule({ file, initializer }: Instrumentation): string {
	const imports = initializer ? [`import ${JSON.stringify(`../${initializer}`)};`] : [];
	return [
		...imports,
		`import * as instrumentation from ${JSON.stringify(`../${file}`)};`,
		'export const configuration = instrumentation.default;',
		''
	].join('\n');
}

/** Lets `register.js` import the module above, in a form that bundlers of the output follow. */
export const importInstrumentation = (register: string): string =>
	register.replaceAll(/\bINSTRUMENTATION\b/g, '(()=>import("./instrumentation.js"))');

/** The server's modules, relative to the output. Browser files, our own files and packages are not included. */
function modulesIn(out: string): string[] {
	return readdirSync(out, { recursive: true, encoding: 'utf8' }).filter(
		(file) => /\.m?js$/.test(file) && !/^(client|prerendered|otel|server[\\/]node_modules)[\\/]/.test(file)
	);
}

function write(out: string, file: string, code: string): void {
	writeFileSync(path.join(out, file), code);
}
