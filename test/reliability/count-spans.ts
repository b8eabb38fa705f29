import { startServer } from '../support/server.ts';
import { startSpanCounter } from './span-counter.ts';

/**
 * Counts the spans of one request, while the server does nothing else.
 *
 * @param build the output of the adapter
 * @param path the path of the request
 */
export async function countSpans(build: string, path: string): Promise<number> {
	const counter = await startSpanCounter();
	try {
		await using server = await startServer(build, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: counter.url } });
		await server.fetch(path).then((response) => response.text());
		await server.stop();
		return counter.spans;
	} finally {
		await counter.stop();
	}
}
