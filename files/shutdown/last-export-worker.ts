/* The worker of `last-export.ts`: one attempt for each body, then it says what came of it. */
import { workerData } from 'node:worker_threads';
import { DONE, type LastExport, SENDING } from './last-export-job.ts';
import { createTransport } from '../otlp/transport.ts';

const { userAgent, timeoutMs, jobs, result } = workerData as LastExport;

async function send(): Promise<void> {
	const transports = await Promise.all(jobs.map(({ otlp }) => createTransport(otlp, userAgent)));
	reach(SENDING);

	const sendings = jobs.flatMap(({ bodies }, job) =>
		bodies.map((body) => ({ body, transport: transports[job]! }))
	);
	await Promise.all(
		sendings.map(async ({ body, transport }, index) => {
			const { outcome } = await transport.send(body, timeoutMs);
			if (outcome === 'taken') Atomics.store(result, 1 + index, 1);
		})
	);
}

function reach(stage: number): void {
	Atomics.store(result, 0, stage);
	Atomics.notify(result, 0);
}

// a transport holds no process, so something else must
const hold = setTimeout(() => {}, timeoutMs);
// not awaited by the module: what it imports later is part of this very file, and comes after it. And whatever
// fails, the thread that waits shall know at once
void send()
	.catch(() => {})
	.finally(() => {
		clearTimeout(hold);
		reach(DONE);
	});
