import path from 'node:path';
import type { ResolvedConfig } from 'vite';
import { toPosix } from '../kit/builder.ts';

/** What is known about a Vite dev or preview server. */
export interface ServerFacts {
	command: 'dev' | 'preview';
	/** The directory of the app. */
	root: string;
	/** The directory of SvelteKit's generated files. */
	outDir: string;
	/** Host names that the server accepts, in addition to IP addresses and `localhost`; true for any. */
	allowedHosts: readonly string[] | true;
	/** SvelteKit's `paths.base` and `appDir`. */
	base: string;
	appDir: string;
	/** The directory of the routes, relative to `root`, with forward slashes. */
	routes: string;
	/** Vite's mode, which selects `.env` files. */
	mode: string;
	/** The directory of the `.env` files; false for none. */
	envDir: string | false;
	/** Whether this package runs before SvelteKit in the server: on SvelteKit 3. */
	isBeforeKit: boolean;
	/** Whether the modules of the server can be watched: since Vite 6. */
	seesModules: boolean;
}

/** The name of SvelteKit's Vite plugin that provides its options to other plugins. */
const KIT_PLUGIN = 'vite-plugin-sveltekit-setup';

/** The options of SvelteKit that are used. In SvelteKit 2 they are below `kit`. */
interface KitOptions {
	outDir?: string;
	appDir?: string;
	paths?: { base?: string };
	files?: { routes?: string };
}

/** SvelteKit's defaults, which apply where its options cannot be read. */
export const DEFAULTS = { outDir: '.svelte-kit', appDir: '_app', base: '', routes: 'src/routes' };

/** Reads the facts from the configuration of a server. */
export function readFacts(
	command: ServerFacts['command'],
	config: ResolvedConfig,
	isBeforeKit: boolean
): ServerFacts {
	const { root, mode, envDir } = config;
	const plugin = config.plugins.find(({ name }) => name === KIT_PLUGIN);
	const { options } = (plugin?.api ?? {}) as { options?: KitOptions & { kit?: KitOptions } };
	// SvelteKit 3 still has a `kit` property, and logs a warning when it is read
	const { outDir, appDir, paths, files } = (options?.paths ? options : options?.kit) ?? {};
	return {
		command,
		root,
		outDir: path.resolve(root, outDir ?? DEFAULTS.outDir),
		allowedHosts: (command === 'dev' ? config.server : config.preview).allowedHosts ?? [],
		// before SvelteKit 2.62 the plugin does not provide its options
		base: paths?.base ?? constant(config, '__SVELTEKIT_PATHS_BASE__') ?? DEFAULTS.base,
		appDir: appDir ?? constant(config, '__SVELTEKIT_APP_DIR__') ?? DEFAULTS.appDir,
		routes: toPosix(path.relative(root, path.resolve(root, files?.routes ?? DEFAULTS.routes))),
		mode,
		envDir,
		isBeforeKit,
		seesModules: true
	};
}

/** Reads one of the constants that SvelteKit defines for its own modules. */
function constant({ define }: ResolvedConfig, name: string): string | undefined {
	const value: unknown = define?.[name];
	return typeof value === 'string' ? String(JSON.parse(value)) : undefined;
}

/** Whether Vitest has made the server, to run tests and not to serve requests. */
export const isOfVitest = ({ plugins }: Pick<ResolvedConfig, 'plugins'>): boolean =>
	plugins.some(({ name }) => /^vitest(:|$)/.test(name));
