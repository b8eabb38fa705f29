import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { parse } from '../libraries/es-module-lexer.ts';
import type { Plugin } from 'vite';
import { findPackage } from '../project/project.ts';
import { toPosix } from './builder.ts';

/** One of our modules (`files/front`) that wraps one of SvelteKit's. Imports of SvelteKit's module get ours. */
interface Front {
	/** SvelteKit's module, in its package. */
	module: string;
	/** Our module. */
	front: string;
	/** The exports that our module replaces. */
	replaces: readonly string[];
	/** The module to replace instead if SvelteKit's package is not bundled. */
	external?: { specifier: string; front: string };
}

/** Modules that depend on each other: either all are wrapped, or none. */
type Fronts = readonly Front[];

/** What SvelteKit runs for each request and each of its spans. */
export const LEAN_SPANS: Fronts = [
	{
		module: 'src/exports/internal/server/telemetry.js',
		front: 'telemetry.js',
		replaces: ['init_tracing', 'otel', 'record_span'],
		external: { specifier: '@sveltejs/kit/internal/server', front: 'internal-server.js' }
	},
	{ module: 'src/runtime/server/respond.js', front: 'respond.js', replaces: ['respond'] }
];

/** The rendering of pages. */
export const RENDERING: Fronts = [
	{ module: 'src/runtime/server/page/render.js', front: 'render.js', replaces: ['render_response'] }
];

/** The errors that SvelteKit passes to the app. */
export const ERRORS: Fronts = [
	{ module: 'src/runtime/server/errors.js', front: 'errors.js', replaces: ['handle_error_and_jsonify'] }
];

/** The remote functions: their names, and the queries that the server itself calls. */
export const REMOTE: Fronts = [
	{
		module: 'src/exports/internal/server/remote-functions.js',
		front: 'remote-functions.js',
		replaces: ['init_remote_functions'],
		external: { specifier: '@sveltejs/kit/internal/server', front: 'internal-server.js' }
	},
	{
		module: 'src/runtime/app/server/remote/shared.js',
		front: 'remote-responses.js',
		replaces: ['get_response']
	}
];

/** The specifiers with which our module imports the module that it wraps, and `@sveltejs/kit/internal`. */
const ITSELF = 'sveltekit:itself';
const INTERNAL = 'sveltekit:internal';

/** The output of `rollup.config.js` for `files/front`. */
const FRONTS = toPosix(fileURLToPath(new URL('../front/', import.meta.url)));

/** The plugin and its result. */
export interface InFront {
	plugin: Plugin;
	/** What SvelteKit lacks for our modules. Modules that depend on each other are then left out together. */
	readonly missing: readonly string[];
	/** Whether one of our modules is in the server. */
	isInFront(front: string): boolean;
	/** The code of the externalized modules that ours wrap. */
	codesOutside(): string[];
}

/**
 * Wraps modules of SvelteKit 3 with ours before bundling. Requires an exact match: if a module is missing,
 * or lacks an export that ours replaces, it is not wrapped, and neither are the modules that depend on it.
 *
 * @param sets the modules to wrap
 */
export function putInFront(sets: readonly Fronts[] = [LEAN_SPANS, RENDERING, ERRORS, REMOTE]): InFront {
	/** By the ids of SvelteKit's modules. */
	const fronts = new Map<string, Front>();
	/** The module that each of our modules wraps. */
	const behind = new Map<string, { id: string; external: boolean }>();
	const missing: string[] = [];
	/** The directory of SvelteKit's package. */
	let directory: string;

	const plugin: Plugin = {
		name: 'vite-plugin-adapter-node-otel-fronts',
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
				const lacking = set.flatMap((front) => whatLacks(directory, front, lexer.parse));
				missing.push(...lacking);
				if (lacking.length > 0) continue;
				for (const front of set) fronts.set(`${directory}/${front.module}`, front);
			}
		},
		resolveId: {
			order: 'pre',
			async handler(specifier, importer, options) {
				if (!importer || fronts.size === 0) return undefined;
				if (specifier === ITSELF) return behind.get(importer);
				if (specifier === INTERNAL)
					return this.resolve('@sveltejs/kit/internal', `${directory}/package.json`);
				if (importer.startsWith(FRONTS)) return undefined;

				const isAsked = [...fronts].find(
					([id, { external }]) =>
						specifier === external?.specifier || path.posix.basename(id) === path.posix.basename(specifier)
				);
				if (!isAsked) return undefined;
				const resolved = await this.resolve(specifier, importer, { ...options, skipSelf: true });
				if (!resolved) return undefined;

				const [, front] = isAsked;
				const ours = resolved.external
					? specifier === front.external?.specifier && front.external.front
					: fronts.get(toPosix(resolved.id))?.front;
				if (!ours) return resolved;
				behind.set(FRONTS + ours, { id: resolved.id, external: Boolean(resolved.external) });
				return FRONTS + ours;
			}
		}
	};
	return {
		plugin,
		missing,
		isInFront: (front) => behind.has(FRONTS + front),
		codesOutside: () =>
			sets
				.flat()
				.filter(({ external }) => external && behind.has(FRONTS + external.front))
				.map(({ module }) => readFileSync(`${directory}/${module}`, 'utf8'))
	};
}

/** What one of SvelteKit's modules lacks for ours. */
function whatLacks(directory: string, { module, replaces }: Front, parseModule: typeof parse): string[] {
	try {
		const [, exports] = parseModule(readFileSync(path.join(directory, module), 'utf8'));
		const names = new Set(exports.flatMap((each) => ('name' in each ? each.name : [])));
		return replaces.filter((name) => !names.has(name)).map((name) => `${name} in ${module}`);
	} catch {
		return [module];
	}
}
