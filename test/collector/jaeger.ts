import { fileURLToPath } from 'node:url';
import { startServer, withFreePorts } from '../services/process.ts';
import type { RunningServer } from '../services/process.ts';
import type { Attributes, Span } from './otlp-json.ts';

export interface Jaeger extends RunningServer {
	grpcPort: number;
	httpPort: number;
	/** Of the query API. */
	queryPort: number;
}

interface Tag {
	key: string;
	value: unknown;
}

interface JaegerTrace {
	processes: Record<string, { serviceName: string; tags?: Tag[] }>;
	spans: {
		traceID: string;
		spanID: string;
		operationName: string;
		processID: string;
		references?: { refType: string; traceID: string; spanID: string }[];
		tags?: Tag[];
	}[];
}

const kinds = ['', 'internal', 'server', 'client', 'producer', 'consumer'];
const statusCodes = ['', 'OK', 'ERROR'];

/** Starts Jaeger on loopback, with its traces in memory, and waits until it answers. */
export async function startJaeger({ binary }: { binary: string }): Promise<Jaeger> {
	return withFreePorts(5, async ([grpcPort, httpPort, queryPort, queryGrpcPort, healthPort]) => {
		const server = await startServer({
			command: binary,
			args: ['--config', fileURLToPath(new URL('jaeger.yaml', import.meta.url))],
			env: {
				JAEGER_GRPC: `127.0.0.1:${grpcPort}`,
				JAEGER_HTTP: `127.0.0.1:${httpPort}`,
				JAEGER_QUERY: `127.0.0.1:${queryPort}`,
				JAEGER_QUERY_GRPC: `127.0.0.1:${queryGrpcPort}`,
				JAEGER_HEALTH: `127.0.0.1:${healthPort}`
			},
			isReady: () => isAnswering(queryPort)
		});
		return { ...server, grpcPort, httpPort, queryPort };
	});
}

/** The traces of a service as Jaeger shows them, each as a list of spans. */
export async function queryJaegerTraces(port: number, service: string, limit = 1000): Promise<Span[][]> {
	const query = new URLSearchParams({ service, limit: String(limit), lookback: '1h' });
	const traces = (await ask(port, `/api/traces?${query}`)) as JaegerTrace[];
	return traces.map(({ spans, processes }) => spans.map((span) => toSpan(span, processes[span.processID])));
}

async function isAnswering(port: number): Promise<boolean> {
	try {
		await ask(port, '/api/services');
		return true;
	} catch {
		return false;
	}
}

async function ask(port: number, path: string): Promise<unknown> {
	const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(30_000) });
	if (!response.ok)
		throw new Error(`Jaeger answered ${response.status} to ${path}: ${await response.text()}`);
	return ((await response.json()) as { data: unknown }).data;
}

function toSpan(raw: JaegerTrace['spans'][number], process?: JaegerTrace['processes'][string]): Span {
	// Jaeger keeps kind and status among the tags.
	const { 'span.kind': kind = '', 'otel.status_code': code = '', ...attributes } = toObject(raw.tags);
	const parent = raw.references?.find(
		({ refType, traceID }) => refType === 'CHILD_OF' && traceID === raw.traceID
	);
	return {
		traceId: raw.traceID,
		spanId: raw.spanID,
		parentSpanId: parent?.spanID ?? '',
		name: raw.operationName,
		kind: kinds.indexOf(kind as string),
		status: { code: statusCodes.indexOf(code as string) },
		attributes,
		resource: { 'service.name': process?.serviceName, ...toObject(process?.tags) }
	};
}

function toObject(tags: Tag[] = []): Attributes {
	return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
