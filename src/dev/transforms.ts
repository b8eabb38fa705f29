import path from 'node:path';
import type { DevEnvironment } from 'vite';
import type { DevServer } from './dev-server.ts';

/** The app's file that runs before everything else, whatever its extension. */
const INSTRUMENTATION = /[\\/]instrumentation\.server\.\w+$/;

/** Where modules of the app find the server that they run in. */
const SERVER = Symbol.for('adapter-node-otel: the dev server');

/** What Vite's module runner calls the exports of a module, in the module. */
const EXPORTS = '__vite_ssr_exports__';

/** What is seen of an environment. */
type Environment = Pick<DevEnvironment, 'transformRequest' | 'moduleGraph' | 'config'>;

const watched = new WeakSet<object>();

/**
 * Watches the modules of the server being transformed, which is what a first request waits for: each becomes
 * a span of the request. And the app's `instrumentation.server` file comes by here: when it has run, what it
 * exports is handed over.
 *
 * @param environment Vite's environment for the server, or what all environments inherit from
 * @param server the one that runs at the moment
 */
export function watchTransforms(environment: Pick<Environment, 'transformRequest'>, server: DevServer): void {
	(globalThis as { [SERVER]?: DevServer })[SERVER] = server;
	if (watched.has(environment)) return;
	watched.add(environment);

	const transform = environment.transformRequest;
	environment.transformRequest = async function (this: Environment, url, ...rest) {
		const current = (globalThis as { [SERVER]?: DevServer })[SERVER]!;
		const run = () => Reflect.apply(transform, this, [url, ...rest]) as ReturnType<typeof transform>;
		if (this.config.consumer !== 'server') return run();

		const known = await this.moduleGraph.getModuleByUrl(url);
		if (known?.transformResult) return withExports(await run(), known.file);
		const name = path.relative(current.facts.root, known?.file ?? url).replaceAll('\\', '/');
		const result = await current.measure('vite.transform', { 'vite.module': name }, run);
		return withExports(result, (await this.moduleGraph.getModuleByUrl(url))?.file);
	};
}

/** The module hands its exports over when it has run. */
function withExports<T extends { code: string } | null>(result: T, file: string | null | undefined): T {
	if (!result || !file || !INSTRUMENTATION.test(file)) return result;
	const handOver = `await globalThis[Symbol.for(${JSON.stringify(SERVER.description)})]?.instrument(${EXPORTS});`;
	return { ...result, code: `${result.code}\n;${handOver}\n` };
}
