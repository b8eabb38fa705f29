import path from 'node:path';
import type { DevEnvironment } from 'vite';
import { RUNTIME } from '../kit/globals.ts';
import type { DevServer } from './dev-server.ts';
import { wrapKitFunctions } from './kit-functions.ts';
import { isDisabled } from './skip-file.ts';

/** The app's file that runs before all other modules, with any extension. */
const INSTRUMENTATION = /[\\/]instrumentation\.server\.\w+$/;

/** SvelteKit's modules of remote functions, as it recognizes them. */
const REMOTE = /[\\/.]remote\.[^\\/]+$/;

/** The key under which modules of the app find the server that they run in. */
const SERVER = Symbol.for('adapter-node-otel: the dev server');

/** The name of a module's exports in Vite's module runner. */
const EXPORTS = '__vite_ssr_exports__';

/** The same as `src/kit/remote-functions.ts` adds to a build. */
const NOTE_REMOTE_FUNCTIONS = `for (const each of Object.values(${EXPORTS})) if (each?.__?.id) ${RUNTIME}?.noteRemote?.(each.__);`;

/** The part of an environment that is used. */
type Environment = Pick<DevEnvironment, 'transformRequest' | 'moduleGraph' | 'config'>;

const watched = new WeakSet<object>();

/**
 * Observes how the server's modules are transformed. The first request waits for this, so each transform
 * becomes a span of the request. The app's `instrumentation.server` file is transformed here too: after it
 * has run, it passes its exports to the server. Modules of remote functions report their names in the same way, and
 * functions in SvelteKit's modules are wrapped: see `kit-functions.ts`.
 *
 * @param environment Vite's environment for the server, or the prototype of all environments
 * @param server the current server
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
		if (known?.transformResult) return withOurs(await run(), known.file);
		const name = path.relative(current.facts.root, known?.file ?? url).replaceAll('\\', '/');
		const result = await current.measure('vite.transform', { 'vite.module': name }, run);
		return withOurs(result, (await this.moduleGraph.getModuleByUrl(url))?.file);
	};
}

/** Adds code that passes the module's exports on after the module has run, or wraps SvelteKit's functions. */
function withOurs<T extends { code: string } | null>(result: T, file: string | null | undefined): T {
	if (!result || !file) return result;
	if (REMOTE.test(file)) return { ...result, code: `${result.code}\n;${NOTE_REMOTE_FUNCTIONS}\n` };
	if (!INSTRUMENTATION.test(file)) {
		const code = wrapKitFunctions(result.code, file);
		return code === result.code ? result : { ...result, code };
	}
	if (isDisabled()) return { ...result, code: '', deps: [], dynamicDeps: [] };
	const handOver = `await globalThis[Symbol.for(${JSON.stringify(SERVER.description)})]?.instrument(${EXPORTS});`;
	return { ...result, code: `${result.code}\n;${handOver}\n` };
}
