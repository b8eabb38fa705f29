import cluster from 'node:cluster';

if (cluster.isPrimary) {
	const workers = [cluster.fork(), cluster.fork()];
	let listening = 0;
	cluster.on('listening', () => {
		if (++listening === workers.length) console.log(`Listening on http://127.0.0.1:${process.env.PORT}`);
	});
	process.on('SIGTERM', () => {
		for (const worker of workers) worker.process.kill('SIGTERM');
	});
} else {
	// the channel to the primary is what still holds a worker whose server is closed
	process.on('sveltekit:shutdown', () => process.disconnect());
	await import('../build/index.js');
}
