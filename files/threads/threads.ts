import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { log } from '../diagnostics/log.ts';

/** The key of the shared counter in the environment data, which worker threads inherit. */
const KEY = 'adapter-node-otel: worker threads with telemetry';

/** The counter of the threads above this one; undefined if none of them has telemetry. */
const inherited = getEnvironmentData(KEY) as Int32Array<SharedArrayBuffer> | undefined;

const workers = inherited ?? new Int32Array(new SharedArrayBuffer(4));

/** Whether a thread above this one has telemetry: that one logs the startup line and serves metrics. */
export const isBelowTelemetry: boolean = !isMainThread && inherited !== undefined;

/** A thread with telemetry. */
export interface Thread {
	/** Called when everything has been exported, or when the thread ends. Logs what is lost. */
	leave(): void;
}

/**
 * Counts the worker threads with telemetry. When the main thread calls `process.exit()`, Node stops them without an
 * event, so their last spans are lost. One line logs this: at the exit or, if telemetry is off in the main thread, when
 * the worker starts.
 */
export function joinThreads(): Thread {
	if (!inherited) setEnvironmentData(KEY, workers);
	if (!isMainThread) Atomics.add(workers, 0, 1);
	let hasLeft = false;

	return {
		leave() {
			if (hasLeft) return;
			hasLeft = true;
			if (!isMainThread) Atomics.sub(workers, 0, 1);
			else if (Atomics.load(workers, 0) > 0) log('warn', describeLoss(Atomics.load(workers, 0)));
		}
	};
}

const describeLoss = (count: number): string =>
	`the process ends while telemetry runs in ${count} worker thread${count === 1 ? '' : 's'}: what ${count === 1 ? 'it has' : 'they have'} not exported is lost. Call shutdown() of the build's otel/register.js in each worker before process.exit()`;
