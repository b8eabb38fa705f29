import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { init, parse } from '../libraries/es-module-lexer.ts';
import type { Plugin } from 'vite';
import { findPackage } from '../project/project.ts';
import { toPosix } from './builder.ts';

/** A module of ours (`files/front`) in front of one of SvelteKit's: who imports that one gets ours. */
interface Front {
	/** SvelteKit's, in its package. */
	module: string;
	/** Ours. */
	front: string;
	/** What ours exports in SvelteKit's stead. */
	replaces: readonly string[];
	/** What to put in the place of this one where SvelteKit's package is not bundled. */
	external?: { specifier: string; front: string };
}

/** Modules that need each other: all of them are put in front, or none. */
type Fronts = readonly Front[];

/** What SvelteKit does for each request and each of its spans. */
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

/** The errors that the app is told of. */
export const ERRORS: Fronts = [
	{ module: 'src/runtime/server/errors.js', front: 'errors.js', replaces: ['handle_error_and_jsonify'] }
];

/** How a module of ours imports what it stands in front of, and `@sveltejs/kit/internal`. */
const ITSELF = 'sveltekit:itself';
const INTERNAL = 'sveltekit:internal';

/** What `rollup.config.js` has made of `files/front`. */
const FRONTS = toPosix(fileURLToPath(new URL('../front/', import.meta.url)));

/** The plugin, and what became of it. */
export interface InFront {
	plugin: Plugin;
	/** What SvelteKit lacks that ours replace: those that belong together stay out then. */
	readonly missing: readonly string[];
	/** Whether a module of ours is in the server. */
	isInFront(front: string): boolean;
	/** The code of the modules that ours are in front of outside of the server. */
	codesOutside(): string[];
}

/**
 * Puts modules of ours in front of SvelteKit's 3, before anything is bundled. Exact or not at all: a module
 * that is not there any more, or lacks what ours replaces, stays alone, and so do those that belong to it.
 *
 * @param sets what to put in front of what
 */
export function putInFront(sets: readonly Fronts[] = [LEAN_SPANS, RENDERING, ERRORS]): InFront {
	/** By the ids of SvelteKit's modules. */
	const fronts = new Map<string, Front>();
	/** What each module of ours stands in front of. */
	const behind = new Map<string, { id: string; external: boolean }>();
	const missing: string[] = [];
	/** Of SvelteKit's package. */
	let directory: string;

	const plugin: Plugin = {
		name: 'vite-plugin-adapter-node-otel-fronts',
		apply: 'build',
		applyToEnvironment: ({ config }) => config.consumer === 'server',
		async configResolved({ root }) {
			const kit = findPackage('@sveltejs/kit', root);
			if (!kit) return;
			directory = toPosix(realpathSync(kit.directory));
			await init;
			for (const set of sets) {
				const lacking = set.flatMap((front) => whatLacks(directory, front));
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

/** What a module of SvelteKit's lacks for ours. */
function whatLacks(directory: string, { module, replaces }: Front): string[] {
	try {
		const [, exports] = parse(readFileSync(path.join(directory, module), 'utf8'));
		const names = new Set(exports.flatMap((each) => ('name' in each ? each.name : [])));
		return replaces.filter((name) => !names.has(name)).map((name) => `${name} in ${module}`);
	} catch {
		return [module];
	}
}
