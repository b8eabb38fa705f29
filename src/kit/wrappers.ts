import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { parse } from '../libraries/es-module-lexer.ts';
import type { Plugin } from 'vite';
import { findPackage } from '../project/project.ts';
import { toPosix } from './builder.ts';

/** One of our modules (`files/wrappers`) that wraps one of SvelteKit's. Imports of SvelteKit's module get ours. */
interface Wrapper {
	/** SvelteKit's module, in its package. */
	module: string;
	/** Our module. */
	wrapper: string;
	/** The exports that our module replaces. */
	replaces: readonly string[];
	/** The module to replace instead if SvelteKit's package is not bundled. */
	external?: { specifier: string; wrapper: string };
}

/** Modules that depend on each other: either all are wrapped, or none. */
type WrapperSet = readonly Wrapper[];

/** What SvelteKit runs for each request and each of its spans. */
export const LEAN_SPANS: WrapperSet = [
	{
		module: 'src/exports/internal/server/telemetry.js',
		wrapper: 'telemetry.js',
		replaces: ['init_tracing', 'otel', 'record_span'],
		external: { specifier: '@sveltejs/kit/internal/server', wrapper: 'internal-server.js' }
	},
	{ module: 'src/runtime/server/respond.js', wrapper: 'respond.js', replaces: ['respond'] }
];

/** The rendering of pages. */
export const RENDERING: WrapperSet = [
	{ module: 'src/runtime/server/page/render.js', wrapper: 'render.js', replaces: ['render_response'] }
];

/** The errors that SvelteKit passes to the app. */
export const ERRORS: WrapperSet = [
	{ module: 'src/runtime/server/errors.js', wrapper: 'errors.js', replaces: ['handle_error_and_jsonify'] }
];

/** The remote functions: their names, and the queries that the server itself calls. */
export const REMOTE: WrapperSet = [
	{
		module: 'src/exports/internal/server/remote-functions.js',
		wrapper: 'remote-functions.js',
		replaces: ['init_remote_functions'],
		external: { specifier: '@sveltejs/kit/internal/server', wrapper: 'internal-server.js' }
	},
	{
		module: 'src/runtime/app/server/remote/shared.js',
		wrapper: 'remote-responses.js',
		replaces: ['get_response']
	}
];

/** The specifiers with which our module imports the module that it wraps, and `@sveltejs/kit/internal`. */
const ITSELF = 'sveltekit:itself';
const INTERNAL = 'sveltekit:internal';

/** The output of `rollup.config.js` for `files/wrappers`. */
const OWN_DIRECTORY = toPosix(fileURLToPath(new URL('../wrappers/', import.meta.url)));

/** The plugin and its result. */
export interface WrappedModules {
	plugin: Plugin;
	/** What SvelteKit lacks for our modules. Modules that depend on each other are then left out together. */
	readonly missing: readonly string[];
	/** Whether one of our modules is in the server. */
	isWrapped(wrapper: string): boolean;
	/** The code of the externalized modules that ours wrap. */
	externalCode(): string[];
}

/**
 * Wraps modules of SvelteKit 3 with ours before bundling. Requires an exact match: if a module is missing,
 * or lacks an export that ours replaces, it is not wrapped, and neither are the modules that depend on it.
 *
 * @param sets the modules to wrap
 */
export function wrapModules(
	sets: readonly WrapperSet[] = [LEAN_SPANS, RENDERING, ERRORS, REMOTE]
): WrappedModules {
	/** By the ids of SvelteKit's modules. */
	const wrappers = new Map<string, Wrapper>();
	/** The module that each of our modules wraps. */
	const wrapped = new Map<string, { id: string; external: boolean }>();
	const missing: string[] = [];
	/** The directory of SvelteKit's package. */
	let directory: string;

	const plugin: Plugin = {
		name: 'vite-plugin-adapter-node-otel-wrappers',
		apply: 'build',
		applyToEnvironment: ({ config }) => config.consumer === 'server',
		async configResolved({ root }) {
			const kit = findPackage('@sveltejs/kit', root);
			if (!kit) return;
			directory = toPosix(realpathSync(kit.directory));
			// loaded now, because the dev server never needs it
			const lexer = await import('../libraries/es-module-lexer.ts');
			await lexer.init;
			for (const set of sets) {
				const lacking = set.flatMap((wrapper) => findMissing(directory, wrapper, lexer.parse));
				missing.push(...lacking);
				if (lacking.length > 0) continue;
				for (const wrapper of set) wrappers.set(`${directory}/${wrapper.module}`, wrapper);
			}
		},
		resolveId: {
			order: 'pre',
			async handler(specifier, importer, options) {
				if (!importer || wrappers.size === 0) return undefined;
				if (specifier === ITSELF) return wrapped.get(importer);
				if (specifier === INTERNAL)
					return this.resolve('@sveltejs/kit/internal', `${directory}/package.json`);
				if (importer.startsWith(OWN_DIRECTORY)) return undefined;

				const match = [...wrappers].find(
					([id, { external }]) =>
						specifier === external?.specifier || path.posix.basename(id) === path.posix.basename(specifier)
				);
				if (!match) return undefined;
				const resolved = await this.resolve(specifier, importer, { ...options, skipSelf: true });
				if (!resolved) return undefined;

				const [, wrapper] = match;
				const ours = resolved.external
					? specifier === wrapper.external?.specifier && wrapper.external.wrapper
					: wrappers.get(toPosix(resolved.id))?.wrapper;
				if (!ours) return resolved;
				wrapped.set(OWN_DIRECTORY + ours, { id: resolved.id, external: Boolean(resolved.external) });
				return OWN_DIRECTORY + ours;
			}
		}
	};
	return {
		plugin,
		missing,
		isWrapped: (wrapper) => wrapped.has(OWN_DIRECTORY + wrapper),
		externalCode: () =>
			sets
				.flat()
				.filter(({ external }) => external && wrapped.has(OWN_DIRECTORY + external.wrapper))
				.map(({ module }) => readFileSync(`${directory}/${module}`, 'utf8'))
	};
}

/** What one of SvelteKit's modules lacks for ours. */
function findMissing(directory: string, { module, replaces }: Wrapper, parseModule: typeof parse): string[] {
	try {
		const [, exports] = parseModule(readFileSync(path.join(directory, module), 'utf8'));
		const names = new Set(exports.flatMap((each) => ('name' in each ? each.name : [])));
		return replaces.filter((name) => !names.has(name)).map((name) => `${name} in ${module}`);
	} catch {
		return [module];
	}
}
