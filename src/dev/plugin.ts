import path from 'node:path';
import type { Plugin, PreviewServer, ResolvedConfig, ViteDevServer } from 'vite';
import { type AdapterFacts, DevServer, type ServerFacts } from './dev-server.ts';
import { startLine } from './start-line.ts';
import { watchTransforms } from './transforms.ts';

/**
 * SvelteKit 3: traces the requests of Vite's dev and preview servers. Must come before SvelteKit's own
 * plugins, so that telemetry starts before the app and its handler runs before theirs.
 */
export const traceDev = (adapter: AdapterFacts): Plugin => {
	const begin = async (
		command: ServerFacts['command'],
		{ config }: ViteDevServer | PreviewServer
	): Promise<DevServer> => {
		const server = new DevServer(adapter, {
			command,
			root: config.root,
			outDir: path.join(config.root, '.svelte-kit'),
			allowedHosts: (command === 'dev' ? config.server : config.preview).allowedHosts ?? [],
			base: constant(config, '__SVELTEKIT_PATHS_BASE__', ''),
			appDir: constant(config, '__SVELTEKIT_APP_DIR__', '_app'),
			mode: config.mode,
			envDir: config.envDir
		});
		await server.begin();
		return server;
	};

	return {
		name: 'vite-plugin-adapter-node-otel-dev',
		apply: (_config, { command, isPreview }) => command === 'serve' || isPreview === true,
		async configureServer(vite) {
			const server = await begin('dev', vite);
			watchTransforms(vite.environments.ssr, server);
			vite.middlewares.use(server.servePage);
			nameThePage(vite, server);
			// Vite has already answered its own requests at this point
			return () => void vite.middlewares.use(server.trace);
		},
		async configurePreviewServer(vite) {
			const server = await begin('preview', vite);
			vite.middlewares.use(server.servePage);
			nameThePage(vite, server);
			return () => void vite.middlewares.use(server.trace);
		}
	};
};

/** Prints one more line with Vite's startup lines. */
function nameThePage(vite: ViteDevServer | PreviewServer, { facts }: DevServer): void {
	const printUrls = vite.printUrls.bind(vite);
	vite.printUrls = () => {
		printUrls();
		const [url] = [...(vite.resolvedUrls?.local ?? []), ...(vite.resolvedUrls?.network ?? [])];
		if (url) vite.config.logger.info(startLine(new URL(`${facts.base}/__otel`, url).href));
	};
}

/** Reads one of the constants that SvelteKit defines for its own modules. */
function constant({ define }: ResolvedConfig, name: string, otherwise: string): string {
	const value: unknown = define?.[name];
	return typeof value === 'string' ? String(JSON.parse(value)) : otherwise;
}
