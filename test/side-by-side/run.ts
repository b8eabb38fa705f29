import { createHash } from 'node:crypto';
import { startReceiver } from '../otlp/receiver.ts';
import { type App } from '../support/app.ts';
import { type ServerOptions, startServer } from '../support/server.ts';
import { type Compared, compare, withoutNumbers } from './compared.ts';

/** What one server did with all libraries, by the name of the route. */
export interface Run {
	answers: Record<string, string>;
	spans: Record<string, Compared[]>;
	/** Spans of libraries outside of all requests, such as at start. */
	strays: Pick<Compared, 'scope' | 'label'>[];
	stderr: string;
}

/** The trace of a route's request, the same in all runs. */
const traceIdOf = (route: string): string => createHash('md5').update(route).digest('hex');

/**
 * Starts an app's server, asks each library for its answer, one after the other, and stops the server.
 *
 * @param routes below `/library`
 * @param options of the server, with telemetry off if there are none for it
 */
export async function run(app: App, routes: readonly string[], options: ServerOptions): Promise<Run> {
	await using receiver = await startReceiver();
	const answers: Run['answers'] = {};
	const server = await startServer(app.build, {
		...options,
		env: {
			...options.env,
			...(options.env?.['OTEL_SERVICE_NAME'] && { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
		}
	});
	try {
		for (const route of routes) {
			const traceparent = `00-${traceIdOf(route)}-00000000000000a1-01`;
			const response = await server.fetch(`/library/${route}`, { headers: { traceparent } });
			answers[route] = `${response.status} ${withoutNumbers(await response.text())}`;
		}
	} finally {
		await server.stop();
	}
	const traceIds = new Set(routes.map(traceIdOf));
	return {
		answers,
		spans: Object.fromEntries(routes.map((route) => [route, compare(receiver.spans, traceIdOf(route))])),
		strays: receiver.spans
			.filter(({ traceId }) => !traceIds.has(traceId))
			.map(({ scope, kind, name }) => ({ scope: scope.name, label: `${kind} ${name}` })),
		stderr: server.stderr()
	};
}
