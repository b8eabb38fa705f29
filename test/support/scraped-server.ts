import { type RunningServer, startServer } from './server.ts';

/**
 * Starts a server that serves its metrics to a Prometheus, and traces nothing.
 *
 * @param build the path of its build
 * @returns the server, and the host and port to scrape
 */
export async function startScraped(build: string): Promise<{ server: RunningServer; target: string }> {
	const server = await startServer(build, {
		env: {
			OTEL_TRACES_EXPORTER: 'none',
			OTEL_METRICS_EXPORTER: 'prometheus',
			OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
			OTEL_EXPORTER_PROMETHEUS_PORT: '0'
		}
	});
	const [, target = ''] = /metrics prometheus at http:\/\/(\S+)\/metrics/.exec(server.stderr()) ?? [];
	return { server, target };
}
