import { context, diag } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { AggregationTemporality, MetricReader } from '@opentelemetry/sdk-metrics';
import cluster from 'node:cluster';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LimitedSettings, PrometheusSettings } from '../config/metrics.ts';
import { describeError, log } from '../diagnostics/log.ts';
import type { Signal } from '../otlp/signal.ts';
import { isBelowTelemetry } from '../threads/threads.ts';
import { logOverflow } from './overflow.ts';
import { createSerializer } from './prometheus-text.ts';

/** The path of the metrics endpoint. */
const PATH = '/metrics';

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Prometheus sends its time limit with each request. */
const TIMEOUT_HEADER = 'x-prometheus-scrape-timeout-seconds';

/** The default of Prometheus. */
const SCRAPE_TIMEOUT_SECONDS = 10;

/** Longer values are not from Prometheus: anyone who reaches the port can send the header. */
const LONGEST_SCRAPE_SECONDS = 3600;

/** Collects on request, with cumulative values since the process started. */
class PrometheusReader extends MetricReader {
	constructor({ limitOf }: LimitedSettings) {
		super({
			aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE,
			...(limitOf && { cardinalitySelector: limitOf })
		});
	}

	protected async onForceFlush(): Promise<void> {}

	protected async onShutdown(): Promise<void> {}
}

/**
 * Serves metrics for Prometheus to scrape. It uses a separate server, which does not keep the process
 * alive and is not traced.
 *
 * @param settings where to listen, and what to serve
 */
export async function createPrometheusReader(
	settings: Omit<PrometheusSettings, 'exporter'>
): Promise<{ reader: MetricReader; signal: Signal }> {
	const reader = new PrometheusReader(settings);
	const serialize = createSerializer(settings);

	/** Resolves with the text of all metrics. */
	const write = async (timeoutMillis: number): Promise<string> => {
		const { resourceMetrics, errors } = await reader.collect({ timeoutMillis });
		if (errors.length > 0) diag.error('PrometheusReader: metrics collection errors', ...errors);
		logOverflow(resourceMetrics);
		return serialize(resourceMetrics);
	};
	const server = createServer((req, res) => {
		if (req.url?.split('?')[0] === PATH) void answer(req, res, write);
		else res.writeHead(404).end();
	}).unref();
	// a Prometheus keeps its connection open between scrapes
	server.on('connection', (socket) => socket.unref());
	const signal = await listen(server, settings);
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

/** The setting, as the user writes it. */
const nameOf = (setting: 'host' | 'port', isOfFile: boolean | undefined): string =>
	isOfFile
		? `${setting} of prometheus/development in the file of OTEL_CONFIG_FILE`
		: `OTEL_EXPORTER_PROMETHEUS_${setting.toUpperCase()}`;

/** Which setting to change after an error of `listen`, and to what. */
function remedyFor(code: string | undefined, isOfFile: boolean | undefined): string {
	switch (code) {
		case 'EADDRNOTAVAIL':
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return `${nameOf('host', isOfFile)} to an address of this machine`;
		case 'ERR_SOCKET_BAD_PORT':
			// that of a worker is above the setting
			return `${nameOf('port', isOfFile)} to a lower port`;
		case 'EACCES':
			return `${nameOf('port', isOfFile)} to a port above 1023`;
		default:
			return `${nameOf('port', isOfFile)} to a free port`;
	}
}

/** Resolves with the text for the startup line. */
async function listen(
	server: Server,
	{ host, port, isOfFile }: Omit<PrometheusSettings, 'exporter'>
): Promise<string> {
	const at = (used: number): string => `${host.includes(':') ? `[${host}]` : host}:${used}`;
	if (port !== 0 && isBelowTelemetry) {
		log(
			'info',
			`metrics of a worker thread are not served: ${at(port)} serves only those of the main thread. ${isOfFile ? 'Add a reader with otlp_http to the file of OTEL_CONFIG_FILE' : 'Set OTEL_METRICS_EXPORTER=otlp'} to export them`
		);
		return 'prometheus, which serves those of the main thread';
	}
	const isWorker = cluster.isWorker && port !== 0;
	// `node:cluster` would send each scrape to the next worker
	const own = isWorker ? port + (cluster.worker?.id ?? 0) : port;
	if (isWorker) {
		log(
			'info',
			`each worker of node:cluster has metrics of its own: this one serves them at port ${own}, which is ${nameOf('port', isOfFile)} and the worker's id`
		);
	}
	const { promise, resolve } = Promise.withResolvers<string>();
	// stays, because an error without a listener would end the process
	server.on('error', (error: NodeJS.ErrnoException) => {
		if (server.listening) return diag.error(`Prometheus cannot connect: ${error.message}`);
		log(
			'warn',
			`metrics cannot be served at ${at(own)} (${error.code ?? error.message}): Prometheus cannot scrape them; the app is not affected. Set ${remedyFor(error.code, isOfFile)}`
		);
		resolve('prometheus, which cannot listen');
	});
	context.with(suppressTracing(context.active()), () => {
		try {
			server.listen({ host, port: own, exclusive: true }, () =>
				resolve(`prometheus at http://${at((server.address() as AddressInfo).port)}${PATH}`)
			);
		} catch (error) {
			// a port above 65535
			server.emit('error', error);
		}
	});
	return promise;
}

async function answer(
	req: IncomingMessage,
	res: ServerResponse,
	write: (timeoutMs: number) => Promise<string>
): Promise<void> {
	try {
		const sent = Number(req.headers[TIMEOUT_HEADER]);
		const seconds = sent > 0 && sent <= LONGEST_SCRAPE_SECONDS ? sent : SCRAPE_TIMEOUT_SECONDS;
		// a callback that does not return must not fail the scrape
		const text = await write(seconds * 800);
		res.writeHead(200, { 'content-type': CONTENT_TYPE }).end(text);
	} catch (error) {
		diag.error(`metrics cannot be served (${describeError(error)})`);
		res.writeHead(500).end(`${describeError(error)}\n`);
	}
}
