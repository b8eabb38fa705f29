/** The file of an app that starts its server in two workers of `node:cluster`, and stops them at SIGTERM. */
export const clusterEntry = `
import cluster from 'node:cluster';

if (cluster.isPrimary) {
	cluster.fork();
	cluster.fork();
	process.on('SIGTERM', () => {
		for (const worker of Object.values(cluster.workers)) {
			worker.process.kill('SIGTERM');
			worker.disconnect();
		}
	});
} else await import('./build/index.js');`;
