import type { Plugin, PreviewServer, ViteDevServer } from 'vite';
import { type AdapterFacts, DevServer } from './dev-server.ts';
import { type DevTools, addDock } from './devtools.ts';
import { type ServerFacts, isOfVitest, readFacts } from './server-facts.ts';
import { startLine } from './start-line.ts';
import { watchTransforms } from './transforms.ts';

/**
 * SvelteKit 3: traces the requests of Vite's dev and preview servers. Must come before SvelteKit's own
 * plugins, so that telemetry starts before the app and its handler runs before theirs.
 */
export const traceDev = (adapter: AdapterFacts): Plugin & DevTools => {
	const begin = async (
		command: ServerFacts['command'],
		{ config }: ViteDevServer | PreviewServer
	): Promise<DevServer> => {
		const server = new DevServer(adapter, readFacts(command, config, true));
		await server.begin();
		return server;
	};

	return {
		name: 'vite-plugin-adapter-node-otel-dev',
		apply: (_config, { command, isPreview }) => command === 'serve' || isPreview === true,
		devtools: { setup: addDock },
		async configureServer(vite) {
			if (isOfVitest(vite.config)) return undefined;
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
