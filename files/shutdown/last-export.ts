import { Worker } from 'node:worker_threads';
import { log } from '../diagnostics/log.ts';
import type { SdkSettings } from '../config/settings.ts';
import { readProxyEnv } from '../otlp/proxy.ts';
import type { Leftover } from '../otlp/signal.ts';
import { type LastExport, SENDING, STARTING } from './last-export-job.ts';

/**
 * Timeout for the response of the collector: a process that calls `process.exit()` should exit soon. The start of
 * the worker, which can be slow on a busy machine, is added to this, within the shutdown timeout.
 */
const ANSWER_MS = 1000;

/**
 * The export of a process that exits immediately, because of `process.exit()` or an uncaught exception. The event
 * loop no longer runs, so a worker sends the remaining data of all signals while this thread is blocked. Does
 * nothing if no data is left, and skips a collector that already fails.
 *
 * @param leftovers the remaining data of all signals
 * @param userAgent the `User-Agent` header
 * @param timeoutMs the time limit
 */
export type ExportLast = (leftovers: readonly Leftover[], userAgent: string, timeoutMs: number) => void;

/** Loads the worker that the exporters of all signals need: without gRPC it is half the size. */
export async function loadLastExport({
	traces,
	metrics,
	logs
}: Pick<SdkSettings, 'traces' | 'metrics' | 'logs'>): Promise<ExportLast> {
	const all = [...(traces?.processors ?? []), ...(metrics?.readers ?? []), ...(logs?.processors ?? [])];
	const isGrpc = all.some(({ exporter }) => typeof exporter === 'object' && exporter.protocol === 'grpc');
	const { worker } = await (isGrpc ? import('./last-export-grpc.ts') : import('./last-export-http.ts'));
	return (leftovers, userAgent, timeoutMs) => exportLast(worker, leftovers, userAgent, timeoutMs);
}

function exportLast(
	worker: string,
	leftovers: readonly Leftover[],
	userAgent: string,
	timeoutMs: number
): void {
	const now = performance.now();
	const tried = leftovers.filter(({ batches, health }) => batches.length > 0 && !health.failing);
	const jobs = tried.map(({ batches, otlp }) => ({ otlp, bodies: batches.map(({ body }) => body) }));
	const accepted =
		jobs.length > 0 && timeoutMs > 0
			? sendInWorker(worker, { userAgent, timeoutMs, proxyEnv: readProxyEnv(), jobs })
			: [];

	let index = 0;
	for (const leftover of leftovers) {
		const isTried = tried.includes(leftover);
		const lost = [
			...leftover.batches.filter(() => !(isTried && accepted[index++])),
			// the answer to a newer one may have arrived: this thread has not read it
			...leftover.unanswered.filter(({ since }) => timeoutMs <= 0 || now - since >= ANSWER_MS)
		];
		leftover.health.close(lost.reduce((sum, { count }) => sum + count, 0));
	}
}

/** Sends the bodies while this thread is blocked; returns for each body whether the collector accepted it. */
function sendInWorker(worker: string, job: Omit<LastExport, 'result'>): boolean[] {
	const bodies = job.jobs.flatMap((each) => each.bodies);
	const result = new Int32Array(new SharedArrayBuffer(4 * (1 + bodies.length)));
	try {
		const started = new Worker(new URL(`data:text/javascript,${encodeURIComponent(worker)}`), {
			workerData: { ...job, result } satisfies LastExport,
			// modules that are preloaded into the process must not be preloaded into the worker
			execArgv: [],
			env: {}
		});
		started.unref();
	} catch (error) {
		// not enough memory, or no permission
		if ((error as NodeJS.ErrnoException).code === 'ERR_ACCESS_DENIED') {
			log(
				'warn',
				"the remaining data cannot be sent: Node's permission model does not let this process start a worker. Start it with --allow-worker"
			);
		}
		return [];
	}
	const deadline = performance.now() + job.timeoutMs;
	Atomics.wait(result, 0, STARTING, job.timeoutMs);
	Atomics.wait(result, 0, SENDING, Math.min(ANSWER_MS, Math.max(deadline - performance.now(), 0)));
	return [...result.subarray(1)].map(Boolean);
}
