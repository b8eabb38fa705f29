import { once } from 'node:events';
import { createServer } from 'node:http';
import { Worker, isMainThread } from 'node:worker_threads';

// what is preloaded into the process is preloaded into each of its threads
if (isMainThread) {
	const { handler } = await import('../build/handler.js');
	await Promise.all([1, 2].map(() => once(new Worker(new URL(import.meta.url)), 'exit')));

	createServer(handler).listen(process.env.PORT, '127.0.0.1', () => {
		console.log(`Listening on http://127.0.0.1:${process.env.PORT}`);
	});
}
