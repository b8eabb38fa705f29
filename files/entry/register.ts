/*
 * The one file of ours that every process reads: it decides, from the environment, whether anything
 * else is read at all. Keep it small and free of imports that load something.
 */
import { existsSync } from 'node:fs';
import { hasTracerProvider } from '../sdk/api-registry.ts';
import { log } from '../diagnostics/log.ts';
import { PLEASE_REPORT } from '../diagnostics/report.ts';
import type { Entry, Runtime } from '../types/runtime.ts';
import { decide } from './switch.ts';

/** Where the runtime of this process is found, also by a second copy of this file. */
const RUNTIME = Symbol.for('adapter-node-otel');

/** Which entry of the server has imported this file; none if it was preloaded. */
const ENTRY = Symbol.for('adapter-node-otel: entry');

const holder = globalThis as { [RUNTIME]?: Runtime; [ENTRY]?: Entry };
// in two steps, for bundlers take the one for a file that is there
const here = import.meta.url;
const instrumentation = new URL('./instrumentation.js', here);

// a second app in one process joins the first one's telemetry
const runtime: Runtime = holder[RUNTIME] ? await join(holder[RUNTIME]) : start();
await runtime.ready;

function start(): Runtime {
	const hasFile = existsSync(instrumentation);
	const { on, instrument, message } = decide(process.env, hasFile);
	if (message) log(on ? 'warn' : 'info', message);
	const file = instrument && hasFile ? instrumentation.href : undefined;

	const off: Runtime = (holder[RUNTIME] = {
		enabled: false,
		ready: Promise.resolve(),
		shutdown: async () => {},
		traceHandler: (handler) => handler,
		traceServer: () => {}
	});
	off.ready = on ? turnOn(off, file) : stayOff(off, file);
	return off;
}

/** What SvelteKit promises, without us: the app's file runs, and its own SDK traces if it has one. */
async function stayOff(off: Runtime, file: string | undefined): Promise<void> {
	if (file) await import(file);
	if (!hasTracerProvider()) return;
	off.enabled = undefined;
	try {
		const { getOnWithForeignSdk } = await import('../kit/foreign-sdk.ts');
		getOnWithForeignSdk();
	} catch (error) {
		log(
			'error',
			`nothing could be done for the OpenTelemetry SDK of the app (${error}); the server runs as it is. This is a bug in adapter-node-otel, ${PLEASE_REPORT}`
		);
	}
}

async function turnOn(off: Runtime, file: string | undefined): Promise<void> {
	try {
		const { startTelemetry } = await import('../start.ts');
		const load = file && (async () => ((await import(file)) as { configuration?: unknown }).configuration);
		Object.assign(off, await startTelemetry(load || undefined, holder[ENTRY]));
	} catch (error) {
		log(
			'error',
			`telemetry could not start (${error}); the server runs without it. This is a bug in adapter-node-otel, ${PLEASE_REPORT}`
		);
	}
}

async function join(first: Runtime): Promise<Runtime> {
	await first.ready;
	// SvelteKit promises that it runs
	if (decide(process.env).instrument && existsSync(instrumentation)) await import(instrumentation.href);
	return first;
}

/**
 * Exports the spans that are left and stops telemetry, within `OTEL_SVELTEKIT_SHUTDOWN_TIMEOUT`
 * milliseconds (default 5000). Never rejects; a second call returns the first promise. For servers of
 * your own: `node build` calls it by itself after the last request has ended.
 */
export const shutdown = (): Promise<void> => runtime.shutdown();

/** For `build/handler.js`. */
export const traceHandler: Runtime['traceHandler'] = (handler) => runtime.traceHandler(handler);

/** For `build/index.js`. */
export const traceServer: Runtime['traceServer'] = (server) => runtime.traceServer(server);
