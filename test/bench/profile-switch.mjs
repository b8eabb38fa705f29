/*
 * Preloaded into a server: starts and stops V8's CPU profiler, and sends the time of each function itself, in
 * microseconds, with the URL of its script (see `profile.ts`).
 */
import { Session } from 'node:inspector/promises';

const INTERVAL_US = 200;

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });

process.on('message', async (message) => {
	if (message.start) {
		await session.post('Profiler.start');
		process.send('started');
	} else if (message.stop) {
		const { profile } = await session.post('Profiler.stop');
		process.send(selfTimes(profile));
	}
});

function selfTimes({ nodes, samples, timeDeltas }) {
	const keys = new Map(nodes.map(({ id, callFrame }) => [id, `${callFrame.url} ${callFrame.functionName}`]));
	const times = {};
	for (const [index, id] of samples.entries()) {
		const key = keys.get(id);
		times[key] = (times[key] ?? 0) + timeDeltas[index];
	}
	return times;
}
