import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { parse } from '../libraries/es-module-lexer.ts';
import type { Plugin } from 'vite';
import { findPackage } from '../project/project.ts';
import { toPosix } from './builder.ts';
import { findMissingExports } from './missing-exports.ts';

/** One of our modules (`files/wrappers`) that wraps one of SvelteKit's. Imports of SvelteKit's module get ours. */
interface Wrapper {
	/** SvelteKit's module, in its package. */
	module: string;
	/** Our module. */
	wrapper: string;
	/** The exports that our module replaces. */
	replaces: readonly string[];
	/** The exports that our module imports from other modules of SvelteKit: without them, the build would fail. */
	imports?: Readonly<Record<string, readonly string[]>>;
	/** The module to replace instead if SvelteKit's package is not bundled. */
	external?: { specifier: string; wrapper: string };
	/** The effect if only this module is not wrapped, if it differs. */
	costAlone?: string;
	/** Whether there are servers without SvelteKit's module. */
	isOptional?: true;
}

/** Modules that depend on each other: either all are wrapped, or none. */
interface WrapperSet {
	modules: readonly Wrapper[];
	/** The effect if they are not wrapped. */
	cost: string;
}

/** What is not wrapped, and the effect. */
export interface Unwrapped {
	names: readonly string[];
	cost: string;
}

/** What `files/wrappers/record-span.ts` imports. */
const ERROR_CLASSES = { 'src/exports/internal/index.js': ['HttpError', 'Redirect'] };

/** Where SvelteKit makes its spans. */
const TELEMETRY: Wrapper = {
	module: 'src/exports/internal/server/telemetry.js',
	wrapper: 'telemetry.js',
	replaces: ['init_tracing', 'otel', 'record_span'],
	imports: ERROR_CLASSES,
	external: { specifier: '@sveltejs/kit/internal/server', wrapper: 'internal-server.js' }
};

/** What SvelteKit runs for each request and each of its spans. */
const LEAN_SPANS: WrapperSet = {
	modules: [
		TELEMETRY,
		{
			module: 'src/runtime/server/respond.js',
			wrapper: 'respond.js',
			replaces: ['respond'],
			imports: { 'src/exports/internal/server/index.js': ['otel'] },
			costAlone:
				'requests that SvelteKit answers before its first span, like redirects for a trailing slash, are not traced'
		}
	],
	cost: 'each request costs a little more'
};

/** The rendering of pages. */
const RENDERING: WrapperSet = {
	modules: [
		{ module: 'src/runtime/server/page/render.js', wrapper: 'render.js', replaces: ['render_response'] }
	],
	cost: 'rendering has no span of its own'
};

/** The errors that SvelteKit passes to the app. */
const ERRORS: WrapperSet = {
	modules: [
		{ module: 'src/runtime/server/errors.js', wrapper: 'errors.js', replaces: ['handle_error_and_jsonify'] }
	],
	cost: 'errors that SvelteKit catches itself are not recorded'
};

/** The remote functions: their names, and the queries that the server itself calls. */
const REMOTE: WrapperSet = {
	modules: [
		{
			module: 'src/exports/internal/server/remote-functions.js',
			wrapper: 'remote-functions.js',
			replaces: ['init_remote_functions'],
			// in `internal-server.js`, which also makes the spans
			imports: ERROR_CLASSES,
			external: { specifier: '@sveltejs/kit/internal/server', wrapper: 'internal-server.js' }
		},
		{
			module: 'src/runtime/app/server/remote/shared.js',
			wrapper: 'remote-responses.js',
			replaces: ['get_response'],
			isOptional: true
		}
	],
	cost: 'spans of remote functions lack their names'
};

/** The specifier with which our module imports the module that it wraps. */
const ITSELF = 'sveltekit:itself';

/** The specifiers with which our modules import others of SvelteKit's. */
const IMPORTED = new Map([
	['sveltekit:internal', '@sveltejs/kit/internal'],
	['sveltekit:internal-server', '@sveltejs/kit/internal/server']
]);

/** The output of `rollup.config.js` for `files/wrappers`. */
const OWN_DIRECTORY = toPosix(fileURLToPath(new URL('../wrappers/', import.meta.url)));

/** The plugin and its result. */
export interface WrappedModules {
	plugin: Plugin;
	/** What SvelteKit lacks for our modules. Modules that depend on each other are then left out together. */
	missing(): Unwrapped[];
	/** The modules of SvelteKit that have what ours need, but are not wrapped in the server. */
	bypassed(): Unwrapped[];
	/** Whether SvelteKit's spans come from our module. */
	makesSpans(): boolean;
	/** The code of the externalized modules that ours wrap. */
	externalCode(): string[];
}

/**
 * Wraps modules of SvelteKit 3 with ours before bundling. Requires an exact match: if a module is missing,
 * or lacks an export that ours replaces or imports, it is not wrapped, and neither are the modules that
 * depend on it.
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
	/** What SvelteKit lacks, by the modules that are not wrapped because of it. */
	const lacking = new Map<WrapperSet, string[]>();
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
				const names = set.modules.flatMap((wrapper) => findMissing(directory, wrapper, lexer.parse));
				if (names.length > 0) lacking.set(set, names);
				else for (const wrapper of set.modules) wrappers.set(`${directory}/${wrapper.module}`, wrapper);
			}
		},
		resolveId: {
			order: 'pre',
			async handler(specifier, importer, options) {
				if (!importer || wrappers.size === 0) return undefined;
				if (specifier === ITSELF) return wrapped.get(importer);
				const imported = IMPORTED.get(specifier);
				if (imported) return this.resolve(imported, `${directory}/package.json`, { skipSelf: false });
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
	const isWrapped = ({ wrapper, external }: Wrapper): boolean =>
		[wrapper, external?.wrapper].some((each) => each !== undefined && wrapped.has(OWN_DIRECTORY + each));
	return {
		plugin,
		missing: () => [...lacking].map(([{ cost }, names]) => ({ names, cost })),
		bypassed: () =>
			// nothing is wrapped if SvelteKit's package was not found
			(wrappers.size === 0 ? [] : sets)
				.filter((set) => !lacking.has(set))
				.flatMap(({ modules, cost }) =>
					modules
						.filter((each) => !each.isOptional && !isWrapped(each))
						.map(({ module, costAlone = cost }) => ({ names: [module], cost: costAlone }))
				),
		makesSpans: () => isWrapped(TELEMETRY),
		externalCode: () =>
			sets
				.flatMap(({ modules }) => modules)
				.filter(({ external }) => external && wrapped.has(OWN_DIRECTORY + external.wrapper))
				.map(({ module }) => readFileSync(`${directory}/${module}`, 'utf8'))
	};
}

/** What SvelteKit's modules lack for one of ours. */
function findMissing(
	directory: string,
	{ module, replaces, imports }: Wrapper,
	parseModule: typeof parse
): string[] {
	return Object.entries({ [module]: replaces, ...imports }).flatMap(([file, names]) => {
		try {
			const missing = findMissingExports(path.join(directory, file), names, parseModule);
			return missing.map((name) => `${name} in ${file}`);
		} catch {
			return [file];
		}
	});
}
