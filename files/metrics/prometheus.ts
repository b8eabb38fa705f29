import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { AggregationTemporality, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import cluster from 'node:cluster';
import { type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { log } from '../diagnostics/log.ts';
import type { Signal } from '../otlp/signal.ts';
import { withUnits } from './prometheus-names.ts';

/** The path of the metrics endpoint. */
const PATH = '/metrics';

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Collects on request, with cumulative values since the process started. */
class PrometheusReader extends MetricReader {
	constructor() {
		super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
	}

	protected async onForceFlush(): Promise<void> {}

	protected async onShutdown(): Promise<void> {}
}

/**
 * Serves metrics for Prometheus to scrape. It uses a separate server, which does not keep the process
 * alive and is not traced.
 *
 * @param host the host to listen on
 * @param port the port; 0 for any free one
 */
export async function createPrometheusReader(
	host: string,
	port: number
): Promise<{ reader: MetricReader; signal: Signal }> {
	const reader = new PrometheusReader();
	const serializer = new PrometheusSerializer();
	const serialize = (metrics: ResourceMetrics): string => serializer.serialize(withUnits(metrics));
	const server = createServer((req, res) => {
		if (req.url?.split('?')[0] === PATH) void answer(reader, serialize, res);
		else res.writeHead(404).end();
	}).unref();
	// a Prometheus keeps its connection open between scrapes
	server.on('connection', (socket) => socket.unref());
	const signal = await listen(server, host, port);
	return {
		reader,
		signal: {
			exporters: [signal],
			flush: async () => {},
			close: async () => {
				server.close();
				server.closeAllConnections();
			},
			drain: () => []
		}
	};
}

/** Resolves with the text for the startup line. */
async function listen(server: Server, host: string, port: number): Promise<string> {
	const isWorker = cluster.isWorker && port !== 0;
	const { promise, resolve } = Promise.withResolvers<string>();
	const show = (used: number): string =>
		`prometheus at http://${host.includes(':') ? `[${host}]` : host}:${used}${PATH}`;
	server.once('error', (error: NodeJS.ErrnoException) => {
		log(
			'warn',
			`metrics cannot be served at ${host}:${port} (${error.code ?? error.message}): no Prometheus can read them, the app is not affected. Set OTEL_EXPORTER_PROMETHEUS_PORT to a port that is free`
		);
		resolve('prometheus, which cannot listen');
	});
	// `node:cluster` would send each scrape to the next worker
	const own = isWorker ? port + (cluster.worker?.id ?? 0) : port;
	if (isWorker) {
		log(
			'info',
			`each worker of node:cluster has metrics of its own: this one serves them at port ${own}, which is OTEL_EXPORTER_PROMETHEUS_PORT and the worker's id`
		);
	}
	context.with(suppressTracing(context.active()), () => {
		server.listen({ host, port: own, exclusive: true }, () =>
			resolve(show((server.address() as AddressInfo).port))
		);
	});
	return promise;
}

async function answer(
	reader: MetricReader,
	serialize: (metrics: ResourceMetrics) => string,
	res: ServerResponse
): Promise<void> {
	try {
		const { resourceMetrics } = await reader.collect();
		res.writeHead(200, { 'content-type': CONTENT_TYPE }).end(serialize(resourceMetrics));
	} catch (error) {
		res.writeHead(500).end(`${String(error)}\n`);
	}
}
