import { Worker } from 'node:worker_threads';
import { log } from '../diagnostics/log.ts';
import type { Leftover } from '../otlp/signal.ts';
import worker from 'virtual:last-export-worker';
import { type LastExport, SENDING, STARTING } from './last-export-job.ts';

/**
 * How long the collector has to answer: nobody who calls `process.exit()` expects to wait for long. What a
 * busy machine takes to start the worker comes on top, within the limit of the shutdown.
 */
const ANSWER_MS = 1000;

/**
 * The export of a process that ends at once, by `process.exit()` or an uncaught exception. Its event loop
 * turns no more, so a worker sends what is left, of all signals, while this thread waits. Costs nothing
 * where nothing is left, and is not tried where the collector fails already.
 *
 * @param leftovers of all signals
 * @param userAgent who sends
 * @param timeoutMs how long it may take
 */
export function exportLast(leftovers: readonly Leftover[], userAgent: string, timeoutMs: number): void {
	const tried = leftovers.filter(({ batches, health }) => batches.length > 0 && !health.failing);
	const jobs = tried.map(({ batches, otlp }) => ({ otlp, bodies: batches.map(({ body }) => body) }));
	const taken = jobs.length > 0 && timeoutMs > 0 ? sendInWorker({ userAgent, timeoutMs, jobs }) : [];

	let index = 0;
	for (const leftover of leftovers) {
		const isTried = tried.includes(leftover);
		const lost = leftover.batches.filter(() => !(isTried && taken[index++]));
		leftover.health.close(lost.reduce((sum, { count }) => sum + count, 0));
	}
}

/** Sends the bodies while this thread stands still; returns for each whether the collector has taken it. */
function sendInWorker(job: Omit<LastExport, 'result'>): boolean[] {
	const bodies = job.jobs.flatMap((each) => each.bodies);
	const result = new Int32Array(new SharedArrayBuffer(4 * (1 + bodies.length)));
	try {
		const started = new Worker(new URL(`data:text/javascript,${encodeURIComponent(worker)}`), {
			workerData: { ...job, result } satisfies LastExport,
			// nothing that is preloaded into the process shall be into the worker
			execArgv: [],
			env: {}
		});
		started.unref();
	} catch (error) {
		// for want of memory or of permission
		if ((error as NodeJS.ErrnoException).code === 'ERR_ACCESS_DENIED') {
			log(
				'warn',
				"what is left cannot be sent: Node's permission model lets this process start no worker. Start it with --allow-worker"
			);
		}
		return [];
	}
	const deadline = performance.now() + job.timeoutMs;
	Atomics.wait(result, 0, STARTING, job.timeoutMs);
	Atomics.wait(result, 0, SENDING, Math.min(ANSWER_MS, Math.max(deadline - performance.now(), 0)));
	return [...result.subarray(1)].map(Boolean);
}
