import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { faultsOf } from '../otlp/conventions.ts';
import { type ReceivedPoint, startReceiver } from '../otlp/receiver.ts';
import { type App, buildApp } from '../support/app.ts';
import { loadedModules } from '../support/loaded-modules.ts';
import { rawRequest } from '../support/raw-request.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { startUpstream } from '../support/upstream.ts';
import { combinations } from './combinations.ts';

const SERVER = 'http.server.request.duration';

/** The last point of each time series of a metric. */
const lastOf = (points: readonly ReceivedPoint[], name: string): ReceivedPoint[] => [
	...new Map(
		points.filter((point) => point.name === name).map((point) => [JSON.stringify(point.attributes), point])
	).values()
];

/** The number of requests, by all of their attributes. */
const countsOf = (points: readonly ReceivedPoint[], name: string): Record<string, number> =>
	Object.fromEntries(
		lastOf(points, name).map(({ attributes, count }) => {
			const {
				'http.request.method': method,
				'http.route': route = '-',
				'http.response.status_code': status = '-',
				'error.type': error = '-',
				...rest
			} = attributes;
			return [[method, route, status, error, JSON.stringify(rest)].join(' '), count];
		})
	);

describe.each(combinations)('%s: metrics', (combination) => {
	let app: App;
	let server: RunningServer | undefined;

	beforeAll(async () => {
		app = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
	});
	afterEach(async () => {
		await server?.stop();
		server = undefined;
	});

	test('count every request, by route, and nothing else', async () => {
		await using receiver = await startReceiver();
		await using upstream = await startUpstream();
		server = await startServer(app.build, {
			env: {
				OTEL_TRACES_EXPORTER: 'none',
				OTEL_METRICS_EXPORTER: 'otlp',
				OTEL_SERVICE_NAME: 'shop',
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
				OTEL_SVELTEKIT_IGNORE: '/etag',
				UPSTREAM_URL: upstream.url
			}
		});
		expect(server.stderr()).toBe(
			`adapter-node-otel: measuring shop; instrumentations undici; metrics otlp http/protobuf to ${receiver.url}/v1/metrics every 60 s\n`
		);
		for (const path of [
			'/blog/hello',
			'/blog/other',
			'/error/unexpected',
			'/nowhere',
			'/etag',
			'/robots.txt'
		])
			await (await server.fetch(path)).text();
		await rawRequest(
			Number(new URL(server.url).port),
			'PROPFIND /blog/hello HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'
		);
		const left = request(`${server.url}/sse/forever`)
			.on('error', () => {})
			.end();
		const [res] = await once(left, 'response');
		await once(
			res.on('error', () => {}),
			'data'
		);
		left.destroy();
		await (await server.fetch('/slow?ms=50')).text();
		await (await server.fetch('/outgoing')).text();
		await server.stop();

		const { points, requests } = receiver;
		expect(requests.filter(({ path }) => path !== '/v1/metrics')).toEqual([]);
		const scheme = JSON.stringify({ 'url.scheme': 'https' });
		expect(countsOf(points, SERVER)).toEqual({
			[`GET /blog/[slug] 200 - ${scheme}`]: 2,
			[`GET /error/unexpected 500 500 ${scheme}`]: 1,
			[`GET - 404 - ${scheme}`]: 1,
			[`_OTHER /blog/[slug] 405 - ${scheme}`]: 1,
			[`GET /sse/forever 200 ECONNRESET ${scheme}`]: 1,
			[`GET /slow 200 - ${scheme}`]: 1,
			[`GET /outgoing 200 - ${scheme}`]: 1
		});
		const duration = points.find(({ name }) => name === SERVER)!;
		expect(duration).toMatchObject({
			unit: 's',
			kind: 'histogram',
			temporality: 2,
			bounds: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
			resource: { 'service.name': 'shop', 'service.instance.id': expect.stringMatching(/^[\da-f-]{36}$/) },
			scope: { name: 'adapter-node-otel' }
		});
		// at the end nothing is active
		const active = lastOf(points, 'http.server.active_requests');
		expect(active.map(({ attributes, value }) => [attributes, value])).toEqual([
			[{ 'http.request.method': 'GET', 'url.scheme': 'https' }, 0],
			[{ 'http.request.method': '_OTHER', 'url.scheme': 'https' }, 0]
		]);
		expect(active[0]).toMatchObject({ unit: '{request}', kind: 'sum', isMonotonic: false });
		const { unit, kind, bounds, temporality, scope } = duration;
		const client = lastOf(points, 'http.client.request.duration');
		expect(client).toMatchObject([{ unit, kind, bounds, temporality, scope, count: 2 }]);
		expect(client[0]!.attributes).toEqual({
			'http.request.method': 'GET',
			'http.response.status_code': 200,
			'server.address': '127.0.0.1',
			'server.port': upstream.port,
			'url.scheme': 'http'
		});
		const names = new Set(points.map(({ name }) => name));
		// there may have been no garbage
		names.delete('v8js.gc.duration');
		expect([...names].sort()).toEqual([
			'http.client.request.duration',
			'http.server.active_requests',
			SERVER,
			'nodejs.eventloop.delay.max',
			'nodejs.eventloop.delay.mean',
			'nodejs.eventloop.delay.min',
			'nodejs.eventloop.delay.p50',
			'nodejs.eventloop.delay.p90',
			'nodejs.eventloop.delay.p99',
			'nodejs.eventloop.delay.stddev',
			'nodejs.eventloop.time',
			'nodejs.eventloop.utilization',
			'v8js.memory.heap.space.available_size',
			'v8js.memory.heap.space.physical_size',
			'v8js.memory.heap.space.size',
			'v8js.memory.heap.used',
			'v8js.resource.active'
		]);
		expect(points.flatMap(({ attributes }) => faultsOf(attributes))).toEqual([]);
		expect(faultsOf(points[0]!.resource)).toEqual([]);
	});

	test('work together with traces that are not sampled, with files, over gRPC, and in one startup line', async () => {
		await using receiver = await startReceiver({ grpc: true });
		server = await startServer(app.build, {
			env: {
				OTEL_TRACES_SAMPLER_ARG: '0',
				OTEL_METRICS_EXPORTER: 'otlp',
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
				OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
				OTEL_METRIC_EXPORT_INTERVAL: '200',
				OTEL_METRIC_EXPORT_TIMEOUT: '200',
				OTEL_SVELTEKIT_MEASURE_FILES: 'true'
			}
		});
		await (await server.fetch('/blog/hello')).text();
		expect((await server.fetch('/robots.txt')).status).toBe(200);
		// by the interval
		await receiver.waitForPoint(({ name, count, attributes }) => {
			const isOfRoute = attributes['http.route'] === '/blog/[slug]';
			return name === SERVER && count === 1 && isOfRoute;
		});
		await receiver.waitForPoint(({ name, count, attributes }) => {
			const isOfFile = !('http.route' in attributes) && attributes['http.response.status_code'] === 200;
			return name === SERVER && count === 1 && isOfFile;
		});
		expect(server.stderr()).toMatch(
			/; instrumentations undici; metrics otlp grpc to http:\/\/\S+ every 0\.2 s\n/
		);
		// what waits for its batch is exported now
		await server.stop();
		expect(receiver.spans).toEqual([]);
		expect(receiver.points.flatMap(({ exemplars }) => exemplars)).toEqual([]);
	});

	test('are not loaded if they are off, and neither are traces', async () => {
		await using receiver = await startReceiver();
		const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
		const work = async (running: RunningServer): Promise<void> =>
			void (await (await running.fetch('/blog/hello')).text());
		const traced = await loadedModules(app.build, env, work);
		const measured = await loadedModules(
			app.build,
			{ ...env, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'otlp' },
			work
		);
		expect(traced.filter((file) => /metrics/.test(file))).toEqual([]);
		expect(measured.filter((file) => /traces|spans/.test(file))).toEqual([]);
		expect(measured.join()).toContain('start-metrics.js');
	});
});
