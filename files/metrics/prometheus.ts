import { diag } from '@opentelemetry/api';
import { AggregationTemporality, MetricReader } from '@opentelemetry/sdk-metrics';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { LimitedSettings, PrometheusSettings } from '../config/metrics.ts';
import { describeError } from '../diagnostics/log.ts';
import type { Signal } from '../otlp/signal.ts';
import { logOverflow } from './overflow.ts';
import { PATH, listen } from './prometheus-listener.ts';
import { createSerializer } from './prometheus-text.ts';

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
	const { described, close } = await listen(server, settings);
	return {
		reader,
		signal: {
			exporters: [described],
			flush: async () => {},
			close: async () => close(),
			drain: () => []
		}
	};
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
