import { Agent, METHODS, type RequestOptions, request } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { type ReceivedPoint, startReceiver } from '../otlp/receiver.ts';
import { findPortsInRow, withFreePorts } from '../services/process.ts';
import type { App } from '../support/app.ts';
import { matrix } from '../support/matrix.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { startUpstream } from '../support/upstream.ts';
import { buildSignalsApp } from './app.ts';

const SERVER = 'http.server.request.duration';
const CLIENT = 'http.client.request.duration';

const pointsOf = (points: readonly ReceivedPoint[], wanted: string): ReceivedPoint[] =>
	points.filter(({ name }) => name === wanted);

/** The series of a metric that Prometheus would read, with their values. */
async function scrape(url: string, metric: string): Promise<Map<string, number>> {
	const res = await fetch(`${url}/metrics`);
	expect(res.status).toBe(200);
	const lines = (await res.text()).split('\n').filter((line) => line.startsWith(`${metric}{`));
	return new Map(
		lines.map((line) => {
			const end = line.lastIndexOf(' ');
			return [line.slice(0, end), Number(line.slice(end))];
		})
	);
}

const COUNT = 'http_server_request_duration_seconds_count';

/** Where the line at the start says that Prometheus finds metrics. */
const endpointOf = (server: RunningServer): string =>
	/metrics .*prometheus at (http:\/\/\S+:\d+)\/metrics/.exec(server.stderr())?.[1] ?? '';

const prometheus = {
	OTEL_TRACES_EXPORTER: 'none',
	OTEL_METRICS_EXPORTER: 'prometheus',
	OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
	OTEL_EXPORTER_PROMETHEUS_PORT: '0'
};

const otlp = (endpoint: string): Record<string, string> => ({
	OTEL_TRACES_EXPORTER: 'none',
	OTEL_METRICS_EXPORTER: 'otlp',
	OTEL_EXPORTER_OTLP_ENDPOINT: endpoint
});

describe.each(combinations)('%s: metrics', (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildSignalsApp(combination);
	});

	test('ten thousand hostile requests: the number of time series depends only on the build', async () => {
		await using server = await startServer(app.build, { env: prometheus });
		const agent = new Agent({ keepAlive: true, maxSockets: 20 });
		const send = (options: RequestOptions): Promise<void> =>
			new Promise((resolve) => {
				request({ ...options, agent, port: server.port, host: '127.0.0.1' }, (res) => {
					res.resume().on('close', resolve);
				})
					// some are refused by Node itself
					.on('error', () => resolve())
					.end();
			});
		const methods = METHODS.filter((method) => method !== 'CONNECT');
		const paths = ['/blog/', '/nowhere/', '/_app/remote/', '/_app/immutable/', '//', '/%E0%A4%A', '/..%2f'];
		const attack = async (from: number, to: number): Promise<void> => {
			for (let start = from; start < to; start += 50) {
				await Promise.all(
					Array.from({ length: 50 }, (_, offset) => {
						const index = start + offset;
						// every method with every path, long before the first look
						const turn = Math.floor(index / 3);
						return send({
							method: index % 3 ? 'GET' : methods[turn % methods.length]!,
							path: `${paths[Math.floor(turn / methods.length) % paths.length]}${index}?q=${index}`,
							headers: {
								host: `host-${index}.example`,
								'x-forwarded-proto': `x${index}`,
								'x-forwarded-host': `other-${index}`
							}
						});
					})
				);
			}
		};
		await attack(0, 2000);
		const durations = await scrape(endpointOf(server), COUNT);
		const active = await scrape(endpointOf(server), 'http_server_active_requests');
		await attack(2000, 10_000);
		agent.destroy();

		const after = await scrape(endpointOf(server), COUNT);
		expect([...after.keys()].sort()).toEqual([...durations.keys()].sort());
		const activeAfter = await scrape(endpointOf(server), 'http_server_active_requests');
		expect([...activeAfter.keys()].sort()).toEqual([...active.keys()].sort());
		// nine known methods and `_OTHER`, each with the few statuses and the one route that they can get
		expect(activeAfter.size).toBe(10);
		// SvelteKit 3 refuses other origins for DELETE, PATCH, POST and PUT before it looks for a route
		expect(after.size).toBe(matrix[combination].generation === 2 ? 27 : 19);
		expect([...after.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(9000);
		expect([...after.keys()].join('\n')).not.toMatch(/host-|other-|nowhere|\?q|PROPFIND/);
		expect([...after.keys()].join('\n')).toContain('http_request_method="_OTHER"');
	});

	test('the workers of node:cluster serve their own metrics on separate ports, with their own ids', async () => {
		await using receiver = await startReceiver();
		const port = await findPortsInRow(3);
		await using server = await startServer(app.build, {
			entry: 'cluster.mjs',
			env: {
				...otlp(receiver.url),
				...prometheus,
				OTEL_METRICS_EXPORTER: 'prometheus,otlp',
				OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
				// a worker does not wait for that: its server is closed
				SHUTDOWN_TIMEOUT: '600'
			}
		});
		for (const id of [1, 2]) {
			await server.waitForOutput(
				`each worker of node:cluster has metrics of its own: this one serves them at port ${port + id}, `
			);
			await server.waitForOutput(`prometheus at http://127.0.0.1:${port + id}/metrics`);
		}
		await expect.poll(() => server.stdout().match(/Listening on/g)?.length, { timeout: 10_000 }).toBe(2);
		for (let index = 0; index < 20; index++)
			await (await server.fetch('/blog/hello', { headers: { connection: 'close' } })).text();
		// only the port before them was looked for
		if (server.stderr().includes('(EADDRINUSE)'))
			throw new Error('a port of a worker: address already in use');
		const counts = await Promise.all(
			[1, 2].map(async (id) => [...(await scrape(`http://127.0.0.1:${port + id}`, COUNT)).values()])
		);
		expect(counts.flat().reduce((sum, count) => sum + count, 0)).toBe(20);
		expect(counts.map((ofWorker) => ofWorker.length)).toEqual([1, 1]);
		expect(await server.stop()).toEqual({ code: 0, signal: null });
		const instances = new Set(receiver.points.map(({ resource }) => resource['service.instance.id']));
		expect(instances.size).toBe(2);
	});

	test.for([
		['0.0.0.0', 'http://0.0.0.0:'],
		['::', 'http://[::]:'],
		['::1', 'http://[::1]:']
	] as const)('Prometheus can have them at %s', async ([host, shown], { skip }) => {
		if (host.includes(':') && !(await hasIpv6())) skip('this machine has no IPv6');
		await using server = await startServer(app.build, {
			env: { ...prometheus, OTEL_EXPORTER_PROMETHEUS_HOST: host }
		});
		await (await server.fetch('/blog/hello')).text();
		expect(endpointOf(server)).toContain(shown);
		const series = await scrape(endpointOf(server).replace(/0\.0\.0\.0|\[::\]/, '127.0.0.1'), COUNT);
		expect([...series.values()]).toEqual([1]);
	});

	test('an observable that throws does not affect other metrics', async () => {
		await using receiver = await startReceiver();
		await using server = await startServer(app.build, {
			env: {
				...otlp(receiver.url),
				...prometheus,
				OTEL_METRICS_EXPORTER: 'otlp,prometheus',
				OTEL_METRIC_EXPORT_INTERVAL: '200',
				OTEL_METRIC_EXPORT_TIMEOUT: '200'
			}
		});
		expect((await server.fetch('/throwing')).status).toBe(200);
		await receiver.waitForPoint(({ name, value }) => name === 'shop.fine' && value === 7);
		await receiver.waitForPoint(({ name }) => name === SERVER);
		const text = await (await fetch(`${endpointOf(server)}/metrics`)).text();
		expect(text).toMatch(/^shop_fine(\{.*\})? 7$/m);
		expect(await server.stop()).toEqual({ code: 0, signal: null });
	});

	test('a callback that does not return, and invalid attributes, do not affect other metrics', async () => {
		await using receiver = await startReceiver();
		await using server = await startServer(app.build, {
			env: {
				...otlp(receiver.url),
				...prometheus,
				OTEL_METRICS_EXPORTER: 'otlp,prometheus',
				// the server would be killed before that
				OTEL_SVELTEKIT_SHUTDOWN_TIMEOUT: '60000'
			}
		});
		expect((await server.fetch('/stuck')).status).toBe(200);
		const res = await fetch(`${endpointOf(server)}/metrics`, {
			headers: { 'x-prometheus-scrape-timeout-seconds': '0.5' }
		});
		const text = await res.text();
		expect(text).toMatch(/^http_server_request_duration_seconds_count\{.*\} 1$/m);
		expect(text).not.toContain('shop_orders');
		expect(await server.stop()).toEqual({ code: 0, signal: null });
		expect(pointsOf(receiver.points, SERVER).at(-1)).toMatchObject({ count: 1 });
		expect(pointsOf(receiver.points, 'shop.orders').map(({ value }) => value)).toContain(2);
		for (const line of [
			'a measurement of shop.orders is ignored (',
			'a metric cannot be written for Prometheus (',
			'a callback of an observable instrument has not returned after 1 s'
		])
			expect(server.stderr().split(line)).toHaveLength(2);
	});

	test('a hundred thousand series of a meter of the app are limited, which is logged once', async () => {
		await using server = await startServer(app.build, { env: prometheus });
		for (let from = 0; from < 100_000; from += 20_000) {
			expect((await server.fetch(`/flood?from=${from}`)).status).toBe(200);
			const series = await scrape(endpointOf(server), 'shop_visits_total');
			expect(series.size).toBe(2000);
			expect([...series.values()].reduce((sum, value) => sum + value, 0)).toBe(from + 20_000);
		}
		expect(server.stderr().match(/the metric shop\.visits has 2000 combinations/g)).toHaveLength(1);
	});

	test('a port that is taken, one above the last, and a worker thread are logged; the app runs', async () => {
		const taken = createServer().listen(0, '127.0.0.1');
		await once(taken, 'listening');
		const { port } = taken.address() as AddressInfo;
		try {
			await using server = await startServer(app.build, {
				env: { ...prometheus, OTEL_EXPORTER_PROMETHEUS_PORT: String(port) }
			});
			expect(server.stderr()).toContain(`metrics cannot be served at 127.0.0.1:${port} (EADDRINUSE)`);
			expect(server.stderr()).toContain('metrics prometheus, which cannot listen');
			expect((await server.fetch('/blog/hello')).status).toBe(200);
			expect(await server.stop()).toEqual({ code: 0, signal: null });
		} finally {
			taken.close();
		}
		await using workers = await startServer(app.build, {
			entry: 'cluster.mjs',
			env: { ...prometheus, OTEL_EXPORTER_PROMETHEUS_PORT: '65535' }
		});
		await workers.waitForOutput('metrics cannot be served at 127.0.0.1:65536 (ERR_SOCKET_BAD_PORT)');
		expect((await workers.fetch('/blog/hello')).status).toBe(200);
		await withFreePorts(1, async ([free]) => {
			await using server = await startServer(app.build, {
				execArgv: ['--import', './build/otel/register.js'],
				env: { ...prometheus, OTEL_EXPORTER_PROMETHEUS_PORT: String(free) }
			});
			expect((await server.fetch('/thread')).status).toBe(200);
			await server.waitForOutput(
				`metrics of a worker thread are not served: 127.0.0.1:${free} serves only those of the main thread`
			);
			expect(server.stderr()).not.toContain('EADDRINUSE');
			expect((await scrape(`http://127.0.0.1:${free}`, COUNT)).size).toBe(1);
		});
	});

	test('a stream is measured when it ends, a fetch when its headers arrive', async () => {
		await using receiver = await startReceiver();
		await using upstream = await startUpstream();
		await using server = await startServer(app.build, {
			env: { ...otlp(receiver.url), UPSTREAM_URL: upstream.url }
		});
		expect(await (await server.fetch('/streamed')).text()).toBe('begun');
		await (await server.fetch('/unread')).text();
		expect(await server.stop()).toEqual({ code: 0, signal: null });
		const streamed = pointsOf(receiver.points, SERVER).findLast(
			({ attributes }) => attributes['http.route'] === '/streamed'
		)!;
		expect(streamed).toMatchObject({ count: 1 });
		expect(streamed.sum).toBeGreaterThan(0.25);
		expect(pointsOf(receiver.points, CLIENT).at(-1)).toMatchObject({
			count: 1,
			attributes: { 'server.port': upstream.port, 'http.response.status_code': 200 }
		});
	});

	test('an uncaught exception does not lose the last interval', async () => {
		await using receiver = await startReceiver();
		await using server = await startServer(app.build, { env: otlp(receiver.url) });
		await (await server.fetch('/blog/hello')).text();
		await (await server.fetch('/crash')).text().catch(() => {});
		expect(await server.exited).toMatchObject({ code: 1 });
		const routes = pointsOf(receiver.points, SERVER).map(({ attributes }) => attributes['http.route']);
		expect(routes).toContain('/blog/[slug]');
		expect(receiver.points.map(({ name }) => name)).toContain('http.server.active_requests');
	});
});

async function hasIpv6(): Promise<boolean> {
	const { promise, resolve } = Promise.withResolvers<boolean>();
	const server = createServer().once('error', () => resolve(false));
	server.listen(0, '::1', () => server.close(() => resolve(true)));
	return promise;
}
