/* The server in a worker thread. SIGUSR2 ends the process by process.exit(), of the THREAD that is named. */
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

if (isMainThread) {
	const worker = new Worker(new URL(import.meta.url), { workerData: true });
	worker.on('message', (text) => console.log(text));
	worker.on('exit', (code) => process.exit(code));
	process.on('SIGUSR2', () => {
		if (process.env.THREAD === 'main') process.exit(7);
		worker.postMessage('exit');
	});
} else if (workerData) {
	const { createServer } = await import('node:http');
	const { handler } = await import('../build/handler.js');
	createServer(handler).listen(process.env.PORT, '127.0.0.1', () => {
		parentPort.postMessage('Listening on http://127.0.0.1');
	});
	parentPort.on('message', () => process.exit(7));
}
