/*
 * The only file of this package that every process loads: it decides, from the environment, whether any other
 * file is loaded. Keep it small, and without imports that load other modules.
 */
import { hasTracerProvider } from '../sdk/api-registry.ts';
import { PLEASE_REPORT, log } from '../diagnostics/log.ts';
import type { Entry, Runtime } from '../types/runtime.ts';
import { RUNTIME } from './runtime-key.ts';
import { decide } from './switch.ts';

/**
 * Imports the app's `instrumentation.server` file. If the app has one, the build replaces this name by the code
 * (see `src/emit.ts`). Bundlers of the output follow that code, but not a path that is known only at run time.
 */
declare const INSTRUMENTATION: () => Promise<{ configuration?: unknown }>;

/** The key of the server entry that has imported this file (`index.ts`, `handler.ts`); not set if it was preloaded. */
const ENTRY = Symbol.for('adapter-node-otel: entry');

const holder = globalThis as { [RUNTIME]?: Runtime; [ENTRY]?: Entry };
const loadFile = typeof INSTRUMENTATION === 'undefined' ? undefined : INSTRUMENTATION;

// a second app in one process uses the telemetry of the first one
const runtime: Runtime = holder[RUNTIME] ? await join(holder[RUNTIME]) : start();
await runtime.ready;

function start(): Runtime {
	const { on, instrument, message } = decide(process.env, loadFile !== undefined);
	if (message) log(on ? 'warn' : 'info', message);
	const load = instrument ? loadFile : undefined;

	const off: Runtime = (holder[RUNTIME] = {
		enabled: false,
		ready: Promise.resolve(),
		shutdown: async () => {},
		traceHandler: (handler) => handler,
		traceServer: () => {}
	});
	off.ready = on ? turnOn(off, load) : stayOff(off, load);
	return off;
}

/** The behavior of SvelteKit without telemetry: runs the app's file, whose own SDK traces if the file starts one. */
async function stayOff(off: Runtime, load: typeof loadFile): Promise<void> {
	await load?.();
	if (!hasTracerProvider()) return;
	off.enabled = undefined;
	try {
		const { adaptToForeignSdk } = await import('../kit/foreign-sdk.ts');
		adaptToForeignSdk();
	} catch (error) {
		log(
			'error',
			`nothing could be done for the OpenTelemetry SDK of the app (${error}); the server runs as it is. This is a bug in adapter-node-otel, ${PLEASE_REPORT}`
		);
	}
}

async function turnOn(off: Runtime, load: typeof loadFile): Promise<void> {
	try {
		const { startTelemetry } = await import('../start.ts');
		const configure = load && (async () => (await load()).configuration);
		Object.assign(off, await startTelemetry(configure, holder[ENTRY]));
	} catch (error) {
		log(
			'error',
			`telemetry could not start (${error}); the server runs without it. This is a bug in adapter-node-otel, ${PLEASE_REPORT}`
		);
	}
}

async function join(first: Runtime): Promise<Runtime> {
	await first.ready;
	// SvelteKit guarantees that this file runs
	if (decide(process.env).instrument) await loadFile?.();
	return first;
}

/**
 * Exports the remaining data and shuts telemetry down, within `OTEL_SVELTEKIT_SHUTDOWN_TIMEOUT` milliseconds
 * (default 5000). Never rejects; a second call returns the first promise. For custom servers: `node build` calls
 * it itself after the last request has ended.
 */
export const shutdown = (): Promise<void> => runtime.shutdown();

/** Used by `build/handler.js`. */
export const traceHandler: Runtime['traceHandler'] = (handler) => runtime.traceHandler(handler);

/** Used by `build/index.js`. */
export const traceServer: Runtime['traceServer'] = (server) => runtime.traceServer(server);
