import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ReceivedPoint, startReceiver } from '../otlp/receiver.ts';
import { findPortsInRow } from '../services/process.ts';
import { type App, buildApp } from '../support/app.ts';
import { clusterEntry } from '../support/cluster-entry.ts';
import { withInstrumentationFile } from '../support/instrumentation-file.ts';
import {
	type Exit,
	type RunningServer,
	type ServerOptions,
	findFreePort,
	startServer
} from '../support/server.ts';
import { combinations, isWholeMatrix } from './combinations.ts';

const SERVER = 'http.server.request.duration';

/** The manual's example, and a reader of the app's own. */
const configuration = `
import { MetricReader } from '@opentelemetry/sdk-metrics';

class Reader extends MetricReader {
	async onForceFlush() {}
	async onShutdown() { console.log('the reader is shut down'); }
}

export const reader = new Reader();
globalThis.ownReader = reader;

export default {
	metricReaders: [reader],
	views: [
		{ instrumentName: 'http.client.request.duration', aggregation: { type: 1 } },
		{ instrumentName: 'shop.orders', name: 'shop.sold' }
	]
};`;

const files = {
	'src/routes/measure/+page.server.js': `
import { metrics } from '@opentelemetry/api';

const meter = metrics.getMeter('shop', '1.2');
const orders = meter.createCounter('shop.orders', { unit: '{order}' });
meter.createObservableUpDownCounter('shop.queue').addCallback((result) => result.observe(7));

export async function load({ url }) {
	orders.add(2, { kind: 'book' });
	const call = url.searchParams.get('call');
	if (call) await (await fetch(call)).text();
	const { resourceMetrics } = await globalThis.ownReader.collect();
	return { names: resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name)) };
}`,
	'src/routes/measure/+page.svelte': `<script>let { data } = $props();</script><p>{data.names.join(' ')}</p>`,
	'src/routes/exit/+server.js': `
export function GET() {
	setTimeout(() => process.exit(5), 50);
	return new Response('soon');
}`,
	'src/routes/stuck/+server.js': `
import { metrics } from '@opentelemetry/api';

export function GET() {
	metrics.getMeter('shop').createObservableGauge('shop.stuck').addCallback(() => {
		console.log('a callback does not return');
		return new Promise(() => {});
	});
	return new Response('stuck');
}`,
	'src/routes/hanging/+server.js': `
export function GET() {
	console.log('hanging');
	return new Promise(() => {});
}`,
	'cluster.mjs': clusterEntry,
	'own-server.mjs': `
import { createServer } from 'node:http';
import { handler } from './build/handler.js';
import { shutdown } from './build/otel/register.js';

const server = createServer(handler).listen(process.env.PORT, '127.0.0.1', () =>
	console.log('Listening on http://127.0.0.1')
);
process.on('SIGUSR2', async () => {
	await shutdown();
	// nothing can be sent later
	process.kill(process.pid, 'SIGKILL');
});
process.on('SIGHUP', () => {
	server.close();
	server.closeAllConnections();
});`
};

const PREFERENCE = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE';
const lowMemory = { [PREFERENCE]: 'lowmemory' };

/** The ends of a process: how it is started, what ends it, and how it has exited. */
const ends: [string, Partial<ServerOptions>, (server: RunningServer) => unknown, Partial<Exit>][] = [
	['SIGTERM', {}, (server) => server.signal('SIGTERM'), { code: 0 }],
	['an idle exit', { socketActivation: true, env: { IDLE_TIMEOUT: '2' } }, () => {}, { code: 0 }],
	['process.exit()', {}, (server) => server.fetch('/exit'), { code: 5 }],
	['shutdown()', { entry: 'own-server.mjs' }, (server) => server.signal('SIGUSR2'), { signal: 'SIGKILL' }],
	[
		'beforeExit',
		{ entry: 'own-server.mjs', env: lowMemory },
		(server) => server.signal('SIGHUP'),
		{ code: 0 }
	]
];

const pointsOf = (points: readonly ReceivedPoint[], wanted: string): ReceivedPoint[] =>
	points.filter(({ name }) => name === wanted);

const total = (values: readonly number[]): number => values.reduce((sofar, value) => sofar + value, 0);

/** Where the line at the start says that Prometheus finds metrics. */
const endpointOf = (server: RunningServer): string =>
	/metrics .*prometheus at (http:\/\/127\.0\.0\.1:\d+\/metrics)/.exec(server.stderr())?.[1] ?? '';

describe.each(isWholeMatrix ? combinations : combinations.slice(-1))('%s: metrics', (combination) => {
	let app: App;

	beforeAll(async () => {
		const withFile = withInstrumentationFile(combination, configuration);
		app = await buildApp({
			...withFile,
			overlays: ['api'],
			files: { ...withFile.files, ...files },
			packageJson: { dependencies: { '@opentelemetry/sdk-metrics': '3.1.1' } }
		});
	});

	test('are sent to a collector over JSON, and served for Prometheus at the same time', async () => {
		await using receiver = await startReceiver();
		await using server = await startServer(app.build, {
			// which meets what arrives at every server of the process
			execArgv: ['--import', './build/otel/register.js'],
			env: {
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
				OTEL_METRICS_EXPORTER: 'otlp,prometheus',
				OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
				OTEL_EXPORTER_PROMETHEUS_PORT: '0',
				OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json',
				[PREFERENCE]: 'delta',
				OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
				OTEL_METRIC_EXPORT_INTERVAL: '1000'
			}
		});
		const endpoint = endpointOf(server);
		expect(endpoint).not.toBe('');

		const pages: string[] = [];
		for (let i = 0; i < 3; i++) {
			pages.push(await (await server.fetch(`/measure?call=${receiver.url}/elsewhere`)).text());
			await receiver.waitForPoint(({ name }) => name === 'shop.sold');
		}
		// the app's own reader
		expect(pages[2]).toContain('shop.sold');

		await (await fetch(endpoint)).text();
		const scrape = await fetch(endpoint);
		expect(scrape.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
		const text = await scrape.text();
		const lineOf = (start: string): string | undefined =>
			text.split('\n').find((line) => line.startsWith(start));
		expect(lineOf('http_server_request_duration_seconds_count')).toMatch(/\{.*http_route="\/measure".*\} 3$/);
		expect(lineOf('http_server_request_duration_seconds_bucket')).toContain('le="0.005"');
		expect(lineOf('shop_sold_total')).toMatch(/kind="book".*\} 6$/);
		expect(lineOf('shop_queue')).toMatch(/ 7$/);
		expect(lineOf('nodejs_eventloop_utilization_ratio')).toBeDefined();
		expect(lineOf('v8js_memory_heap_used_bytes')).toContain('v8js_heap_space_name="');
		expect(lineOf('target_info')).toContain('service_name="');
		// dropped by the app's view
		expect(text).not.toContain('http_client_request_duration');
		expect(await (await fetch(endpoint.replace('/metrics', '/'))).status).toBe(404);

		expect(await server.stop()).toEqual({ code: 0, signal: null });
		const { points, requests, spans } = receiver;
		expect(
			new Set(requests.filter(({ path }) => path === '/v1/metrics').map(({ protocol }) => protocol))
		).toEqual(new Set(['http/json']));
		const durations = pointsOf(points, SERVER);
		expect(durations[0]).toMatchObject({ kind: 'exponentialHistogram', temporality: 1 });
		// scrapes are not among the app's requests
		expect(durations.reduce((sum, { count }) => sum + count, 0)).toBe(3);
		// at most one for each bucket and interval; each leads to the trace of its request
		const exemplars = durations.flatMap((point) => point.exemplars);
		const serverSpans = spans.filter(({ kind }) => kind === 'SERVER');
		expect(exemplars.length).toBeGreaterThan(0);
		const idsOf = (each: { traceId: string; spanId: string }): string => `${each.traceId} ${each.spanId}`;
		expect(serverSpans.map(idsOf)).toEqual(expect.arrayContaining(exemplars.map(idsOf)));
		expect(pointsOf(points, 'shop.sold').reduce((sum, { value }) => sum + value, 0)).toBe(6);
		expect(serverSpans).toHaveLength(3);
		expect(server.stderr()).not.toContain('lost');
		expect(server.stdout()).toContain('the reader is shut down');
	});

	test('at process.exit(), to the console and to a collector', async () => {
		await using receiver = await startReceiver();
		await using server = await startServer(app.build, {
			env: {
				OTEL_TRACES_EXPORTER: 'none',
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
				OTEL_METRICS_EXPORTER: 'otlp,console'
			}
		});
		expect(server.stderr()).toMatch(
			/; metrics otlp http\/protobuf to \S+ every 60 s and console every 60 s\n/
		);
		await (await server.fetch('/measure')).text();
		const hanging = server.fetch('/hanging').catch(() => {});
		await server.waitForOutput('hanging');
		await (await server.fetch('/exit')).text();
		expect(await server.exited).toEqual({ code: 5, signal: null });
		await hanging;
		expect(pointsOf(receiver.points, 'shop.sold').map(({ value }) => value)).toEqual([2]);
		expect(
			pointsOf(receiver.points, SERVER)
				.map(({ attributes }) => attributes['http.route'])
				.sort()
		).toEqual(['/exit', '/hanging', '/measure']);
		expect(
			pointsOf(receiver.points, SERVER)
				.filter(({ attributes }) => 'error.type' in attributes)
				.map(({ attributes }) => attributes)
		).toEqual([
			{
				'http.request.method': 'GET',
				'url.scheme': expect.stringMatching(/^https?$/),
				'http.route': '/hanging',
				'error.type': 'process_exit'
			}
		]);
		const printed = server
			.stdout()
			.split('\n')
			.filter((line) => line.startsWith('{'))
			.map((line) => JSON.parse(line) as object);
		expect(printed).toContainEqual({
			name: 'shop.sold',
			unit: '{order}',
			attributes: { kind: 'book' },
			value: 2
		});
		expect(printed).toContainEqual(expect.objectContaining({ name: SERVER, unit: 's' }));
		expect(server.stderr()).not.toContain('lost');
	});

	test('have the same totals in each export at SIGTERM, and nothing is logged', async () => {
		await using receiver = await startReceiver();
		await using server = await startServer(app.build, {
			env: {
				OTEL_TRACES_EXPORTER: 'none',
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
				OTEL_METRICS_EXPORTER: 'otlp,console'
			}
		});
		await (await server.fetch('/measure')).text();
		const before = server.stderr();
		expect(await server.stop()).toEqual({ code: 0, signal: null });
		// at the signal, when the last request is over, and when nothing is left to do
		const exports = receiver.requests.map(({ points }) => ({
			sold: pointsOf(points, 'shop.sold').map(({ value }) => value),
			requests: pointsOf(points, SERVER).map(({ count }) => count)
		}));
		expect(exports.length).toBeLessThanOrEqual(3);
		expect(new Set(exports.map((each) => JSON.stringify(each)))).toEqual(
			new Set(['{"sold":[2],"requests":[1]}'])
		);
		// a person reads them, once
		expect(server.stdout().match(/"name":"(shop\.sold|http\.server\.request\.duration)"/g)).toHaveLength(2);
		expect(server.stderr()).toBe(before);
	});

	test.concurrent.each(ends)('are complete after %s, as deltas', async (_, options, end, exit) => {
		await using receiver = await startReceiver();
		await using server = await startServer(app.build, {
			...options,
			env: {
				OTEL_TRACES_EXPORTER: 'none',
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
				OTEL_METRICS_EXPORTER: 'otlp',
				OTEL_METRIC_EXPORT_INTERVAL: '1000',
				[PREFERENCE]: 'delta',
				OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
				...options.env
			}
		});
		let sent = 0;
		const measure = async (): Promise<void> => {
			await (await server.fetch('/measure')).text();
			sent++;
		};
		const ofRoute = (): ReceivedPoint[] =>
			pointsOf(receiver.points, SERVER).filter(({ attributes }) => attributes['http.route'] === '/measure');
		// the last interval is not the only one
		while (ofRoute().length === 0) {
			await measure();
			await delay(100);
		}
		for (let request = 0; request < 3; request++) await measure();
		// a collection waits for its values then
		await (await server.fetch('/stuck')).text();
		await server.waitForOutput('a callback does not return');
		await end(server);
		expect(await server.exited).toMatchObject(exit);

		const durations = ofRoute();
		expect(durations.length).toBeGreaterThan(1);
		expect(total(durations.map(({ count }) => count))).toBe(sent);
		for (const { kind, temporality, count, buckets } of durations) {
			expect({ kind, temporality }).toEqual({ kind: 'exponentialHistogram', temporality: 1 });
			expect(total(buckets)).toBe(count);
		}
		const sold = pointsOf(receiver.points, 'shop.sold');
		expect(total(sold.map(({ value }) => value))).toBe(2 * sent);
		expect(new Set(sold.map(({ temporality }) => temporality))).toEqual(new Set([1]));
		// a delta of an observable needs its last total in memory
		const observed = pointsOf(receiver.points, 'nodejs.eventloop.time');
		const preference = options.env?.[PREFERENCE] ?? 'delta';
		expect(new Set(observed.map(({ temporality }) => temporality))).toEqual(
			new Set([preference === 'lowmemory' ? 2 : 1])
		);
		const active = pointsOf(receiver.points, 'http.server.active_requests');
		expect(active.at(-1)).toMatchObject({ temporality: 2, value: 0 });
		// observables go out as they were last seen
		const last = receiver.requests.findLast(({ path }) => path === '/v1/metrics')!;
		expect(pointsOf(last.points, 'shop.queue').map(({ value }) => value)).toEqual([7]);
		// the app's own reader could only export asynchronously
		expect(server.stdout().includes('the reader is shut down')).toBe(exit.code !== 5);
		expect(server.stderr()).not.toContain('lost');
	});

	test.each([
		['adapter-node', {}, 0],
		['a custom server', { entry: 'own-server.mjs' }, 0],
		['a preload', { execArgv: ['--import', './build/otel/register.js'] }, 0],
		['the first worker of node:cluster', { entry: 'cluster.mjs' }, 1],
		['the second worker of node:cluster', { entry: 'cluster.mjs' }, 2]
	])('with %s, Prometheus leaves its port to the app', async (_, options, above) => {
		const port = (await findPortsInRow(3)) + above;
		await using server = await startServer(app.build, {
			...options,
			env: {
				OTEL_TRACES_EXPORTER: 'none',
				OTEL_METRICS_EXPORTER: 'prometheus',
				OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
				OTEL_EXPORTER_PROMETHEUS_PORT: String(port - above),
				PORT: String(port)
			}
		});
		await server.waitForOutput(
			`metrics cannot be served at 127.0.0.1:${port}, where the app listens: Prometheus cannot scrape them; the app is not affected. Set OTEL_EXPORTER_PROMETHEUS_PORT to ${above ? 'a port that is followed by free ones' : 'a free port'}\n`
		);
		const workers = above ? 2 : 1;
		await expect
			.poll(() => server.stdout().match(/Listening on/g)?.length, { timeout: 10_000 })
			.toBe(workers);
		for (let request = 0; request < 2 * workers; request++)
			expect((await server.fetch('/measure', { headers: { connection: 'close' } })).status).toBe(200);
		expect(server.stderr().match(/metrics cannot be served/g)).toHaveLength(1);
		expect(server.stderr()).not.toContain('Unhandled');
	});

	test('the port of a server that ends is taken over by the next one', async () => {
		const env = {
			OTEL_TRACES_EXPORTER: 'none',
			OTEL_METRICS_EXPORTER: 'prometheus',
			OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
			OTEL_EXPORTER_PROMETHEUS_PORT: String(await findFreePort())
		};
		await using before = await startServer(app.build, { env });
		await using after = await startServer(app.build, { env });
		await after.waitForOutput('(EADDRINUSE): Prometheus cannot scrape them until the port is free');
		await (await after.fetch('/measure')).text();
		await before.stop();
		await after.waitForOutput('metrics are now served at ');
		expect(await (await fetch(endpointOf(before))).text()).toContain('http_route="/measure"');
		expect(await after.stop()).toEqual({ code: 0, signal: null });
	});

	test('that are off leave the reader and the views without use, which is logged', async () => {
		await using server = await startServer(app.build, { env: { OTEL_TRACES_EXPORTER: 'console' } });
		await server.waitForOutput('metrics are off, because OTEL_METRICS_EXPORTER is not set');
		expect(server.stderr().match(/metrics are off, because OTEL_METRICS_EXPORTER is not set.*/g)).toEqual([
			expect.stringContaining('`metricReaders`, `views` of src/instrumentation.server')
		]);
		expect(await server.stop()).toEqual({ code: 0, signal: null });
	});

	test('without a collector the app responds, ends in time, and logs one line', async () => {
		await using server = await startServer(app.build, {
			env: {
				OTEL_TRACES_EXPORTER: 'none',
				OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
				OTEL_METRICS_EXPORTER: 'otlp',
				OTEL_METRIC_EXPORT_INTERVAL: '200',
				OTEL_SVELTEKIT_SHUTDOWN_TIMEOUT: '500'
			}
		});
		expect((await server.fetch('/measure')).status).toBe(200);
		await server.waitForOutput('does not accept data points');
		expect((await server.fetch('/measure')).status).toBe(200);
		const since = performance.now();
		expect(await server.stop()).toEqual({ code: 0, signal: null });
		expect(performance.now() - since).toBeLessThan(3000);
		expect(server.stderr().match(/does not accept data points/g)).toHaveLength(1);
		expect(server.stderr()).toMatch(
			/the process ends and collector \S+ has not accepted everything: \d+ data points lost in all\n$/
		);
	});
});
