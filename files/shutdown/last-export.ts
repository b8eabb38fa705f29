import { Worker } from 'node:worker_threads';
import type { OtlpSettings } from '../config/otlp.ts';
import type { BatchSpanProcessor } from '../otlp/batch-span-processor.ts';
import type { ExportHealth } from '../otlp/export-health.ts';
import type { OtlpExporter } from '../otlp/otlp-exporter.ts';

/**
 * How long the collector has to answer: nobody who calls `process.exit()` expects to wait for long. What a
 * busy machine takes to start the worker comes on top, within the limit of the shutdown.
 */
const ANSWER_MS = 1000;

/** How far the worker is. */
export const STARTING = 0;
export const SENDING = 1;
export const DONE = 2;

/** How to send, and how long it may take. */
export interface LastExportSettings {
	otlp: OtlpSettings;
	userAgent: string;
	timeoutMs: number;
}

/** What the worker is given. */
export interface LastExport extends LastExportSettings {
	bodies: Uint8Array[];
	/** First how far the worker is, then for each body whether it was taken. */
	result: Int32Array<SharedArrayBuffer>;
}

/**
 * The export of a process that ends at once, by `process.exit()` or an uncaught exception. Its event loop
 * turns no more, so a worker sends what is left while this thread waits. Costs nothing where nothing is
 * left, and is not tried where the collector fails already.
 */
export function exportLast(
	processor: BatchSpanProcessor,
	exporter: OtlpExporter,
	health: ExportHealth,
	settings: LastExportSettings
): void {
	const left = [...exporter.unsent(), ...processor.drain()];

	const isWorthTrying = left.length > 0 && !health.failing && settings.timeoutMs > 0;
	const taken = isWorthTrying ? sendInWorker({ ...settings, bodies: left.map(({ body }) => body) }) : [];
	health.close(left.reduce((lost, { count }, index) => (taken[index] ? lost : lost + count), 0));
}

/** Sends the bodies while this thread stands still; returns for each whether the collector has taken it. */
function sendInWorker(job: Omit<LastExport, 'result'>): boolean[] {
	const result = new Int32Array(new SharedArrayBuffer(4 * (1 + job.bodies.length)));
	try {
		const worker = new Worker(new URL('./last-export-worker.js', import.meta.url), {
			workerData: { ...job, result } satisfies LastExport,
			// nothing that is preloaded into the process shall be into the worker
			execArgv: [],
			env: {}
		});
		worker.unref();
	} catch {
		// for want of memory or of permission
		return [];
	}
	const deadline = performance.now() + job.timeoutMs;
	Atomics.wait(result, 0, STARTING, job.timeoutMs);
	Atomics.wait(result, 0, SENDING, Math.min(ANSWER_MS, Math.max(deadline - performance.now(), 0)));
	return [...result.subarray(1)].map(Boolean);
}
