/* The worker of `last-export.ts`: one attempt for each body, then it says what came of it. */
import { workerData } from 'node:worker_threads';
import { DONE, type LastExport, SENDING } from './last-export.ts';
import { createTransport } from '../otlp/transport.ts';

const { otlp, userAgent, timeoutMs, bodies, result } = workerData as LastExport;

// the transport holds no process, so something else must
const hold = setTimeout(() => {}, timeoutMs);
const transport = await createTransport(otlp, userAgent);
reach(SENDING);

await Promise.all(
	bodies.map(async (body, index) => {
		const { outcome } = await transport.send(body, timeoutMs);
		if (outcome === 'taken') Atomics.store(result, 1 + index, 1);
	})
);
clearTimeout(hold);
reach(DONE);

function reach(stage: number): void {
	Atomics.store(result, 0, stage);
	Atomics.notify(result, 0);
}
