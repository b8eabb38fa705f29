/* The worker of `last-export.ts`: makes one attempt for each body, and reports the results. */
import { workerData } from 'node:worker_threads';
import { DONE, type LastExport, SENDING } from './last-export-job.ts';
import { createTransport } from '../otlp/transport.ts';

const { userAgent, timeoutMs, proxyEnv, jobs, result } = workerData as LastExport;

async function send(): Promise<void> {
	const transports = await Promise.all(jobs.map(({ otlp }) => createTransport(otlp, userAgent, proxyEnv)));
	reach(SENDING);

	const sendings = jobs.flatMap(({ bodies }, job) =>
		bodies.map((body) => ({ body, transport: transports[job]! }))
	);
	await Promise.all(
		sendings.map(async ({ body, transport }, index) => {
			const { outcome } = await transport.send(body, timeoutMs);
			if (outcome === 'success') Atomics.store(result, 1 + index, 1);
		})
	);
}

function reach(stage: number): void {
	Atomics.store(result, 0, stage);
	Atomics.notify(result, 0);
}

// the transport does not keep the process alive, so a timer must
const hold = setTimeout(() => {}, timeoutMs);
// Not awaited at the top level: dynamic imports are part of this file and come after this statement. On any
// failure the blocked thread must be notified immediately.
void send()
	.catch(() => {})
	.finally(() => {
		clearTimeout(hold);
		reach(DONE);
	});
