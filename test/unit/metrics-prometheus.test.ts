import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { diag } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { describe, expect, test, vi } from 'vitest';
import { createPrometheusReader } from '../../files/metrics/prometheus.ts';
import { withUnits } from '../../files/metrics/prometheus-names.ts';
import { createSerializer } from '../../files/metrics/prometheus-text.ts';
import { captureStderr } from './support/stderr.ts';

const written = captureStderr();

const openSockets = (): number =>
	process.getActiveResourcesInfo().filter((each) => each === 'TCPSocketWrap').length;

test('a connection that a Prometheus keeps open does not keep the process alive', async () => {
	const { reader, signal } = await createPrometheusReader({ host: '127.0.0.1', port: 0 });
	void new MeterProvider({ readers: [reader] });
	const [, port] = /:(\d+)\/metrics$/.exec(signal.exporters[0]!)!;
	const before = openSockets();
	const client = connect(Number(port), '127.0.0.1');
	try {
		client.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
		const [answer] = (await once(client, 'data')) as [Buffer];
		expect(answer.toString()).toMatch(/^HTTP\/1.1 200 OK\r\n/);
		client.unref();
		expect(openSockets()).toBe(before);
	} finally {
		client.destroy();
		await signal.close();
	}
});

test.each([
	['/metrics', 200],
	['/metrics?name[]=up', 200],
	['/', 404]
])('%s is answered with %i', async (path, status) => {
	const { reader, signal } = await createPrometheusReader({ host: '127.0.0.1', port: 0 });
	void new MeterProvider({ readers: [reader] });
	const [url] = /http:.*(?=\/metrics$)/.exec(signal.exporters[0]!)!;
	const response = await fetch(url + path);
	await response.text();
	await signal.close();
	expect(response.status).toBe(status);
});

test('a gauge with the unit 1 is a ratio, a count of things is not', async () => {
	const { reader, signal } = await createPrometheusReader({ host: '127.0.0.1', port: 0 });
	const meter = new MeterProvider({ readers: [reader] }).getMeter('app');
	meter.createGauge('load', { unit: '1' }).record(0.5);
	meter.createCounter('orders', { unit: '1' }).add(1);
	const { scopeMetrics } = withUnits((await reader.collect()).resourceMetrics);
	await signal.close();
	expect(scopeMetrics[0]!.metrics.map(({ descriptor }) => descriptor.name)).toEqual(['load_ratio', 'orders']);
});

test('a metric of several meters has one description, and no line complains of the others', async () => {
	const { reader, signal } = await createPrometheusReader({ host: '127.0.0.1', port: 0 });
	const provider = new MeterProvider({ readers: [reader] });
	for (const [meter, description] of [
		['first', ''],
		['second', 'Duration of calls.'],
		['third', 'How long a call takes.']
	] as const)
		provider.getMeter(meter).createHistogram('calls', { description, unit: 's' }).record(1);
	const warn = vi.fn<() => void>();
	diag.setLogger(
		{ error: warn, warn, info: warn, debug: warn, verbose: warn },
		{ suppressOverrideMessage: true }
	);
	try {
		const { resourceMetrics } = await reader.collect();
		const lines = createSerializer()(resourceMetrics).split('\n');
		expect(lines.filter((line) => line.startsWith('# HELP calls'))).toEqual([
			'# HELP calls_seconds Duration of calls.'
		]);
		expect(lines.filter((line) => line.startsWith('calls_seconds_count{'))).toHaveLength(3);
		expect(warn).not.toHaveBeenCalled();
	} finally {
		diag.disable();
		await signal.close();
	}
});

describe('an address that cannot be listened on names the setting to change', () => {
	/** The end of the line. */
	async function remedyOf(settings: Parameters<typeof createPrometheusReader>[0]): Promise<string> {
		const { signal } = await createPrometheusReader(settings);
		await signal.close();
		expect(signal.exporters).toEqual(['prometheus, which cannot listen']);
		const [, remedy] = /the app is not affected\. Set (.*)\n$/.exec(written.splice(0).join(''))!;
		return remedy!;
	}

	// without a network, the lookup may take long
	test('the host, if it is not of this machine or does not resolve', { timeout: 30_000 }, async () => {
		for (const host of ['192.0.2.1', 'metrics.invalid'])
			expect(await remedyOf({ host, port: 0 })).toBe(
				'OTEL_EXPORTER_PROMETHEUS_HOST to an address of this machine'
			);
		expect(await remedyOf({ host: '192.0.2.1', port: 0, isOfFile: true })).toBe(
			'host of prometheus/development in the file of OTEL_CONFIG_FILE to an address of this machine'
		);
	});

	test('the port, if it is taken, or that of a worker is too high', async () => {
		const taken = createServer().listen(0, '127.0.0.1');
		await once(taken, 'listening');
		const { port } = taken.address() as AddressInfo;
		try {
			expect(await remedyOf({ host: '127.0.0.1', port })).toBe(
				'OTEL_EXPORTER_PROMETHEUS_PORT to a free port'
			);
			expect(await remedyOf({ host: '127.0.0.1', port, isOfFile: true })).toBe(
				'port of prometheus/development in the file of OTEL_CONFIG_FILE to a free port'
			);
		} finally {
			taken.close();
		}
		expect(await remedyOf({ host: '127.0.0.1', port: 65_536 })).toBe(
			'OTEL_EXPORTER_PROMETHEUS_PORT to a lower port'
		);
	});
});

describe('a port that is not only for the endpoint', () => {
	const warnings = (): string[] => written.filter((line) => line.includes('metrics cannot be served'));
	const statusAt = async (url: string): Promise<number> => {
		const response = await fetch(url, { headers: { connection: 'close' } });
		await response.text();
		return response.status;
	};
	const findPort = async (): Promise<number> => {
		const probe = createServer().listen(0, '127.0.0.1');
		await once(probe, 'listening');
		const { port } = probe.address() as AddressInfo;
		await once(probe.close(), 'close');
		return port;
	};

	test.each([
		['a number', (port: number) => port],
		['text', String]
	])('goes to a server of the app, whose port is %s, with one line', async (_, toOption) => {
		const port = await findPort();
		const { signal } = await createPrometheusReader({ host: '127.0.0.1', port });
		expect(signal.exporters).toEqual([`prometheus at http://127.0.0.1:${port}/metrics`]);
		// a scrape before keeps its connection
		await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
		const app = createHttpServer((_req, res) => res.writeHead(204).end());
		try {
			await once(app.listen({ port: toOption(port), host: '127.0.0.1' }), 'listening');
			await expect
				.poll(warnings)
				.toEqual([
					`adapter-node-otel: metrics cannot be served at 127.0.0.1:${port}, where the app listens: Prometheus cannot scrape them; the app is not affected. Set OTEL_EXPORTER_PROMETHEUS_PORT to a free port\n`
				]);
			expect(await statusAt(`http://127.0.0.1:${port}/metrics`)).toBe(204);
		} finally {
			app.close();
			await signal.close();
		}
	});

	test('is given up also if the app wants it before the endpoint listens', async () => {
		const port = await findPort();
		// the name has to be looked up first
		const started = createPrometheusReader({ host: 'localhost', port });
		const app = createServer();
		try {
			await once(app.listen(port, 'localhost'), 'listening');
			const { signal } = await started;
			expect(signal.exporters).toEqual(['prometheus, which cannot listen']);
			expect(warnings()).toHaveLength(1);
			await signal.close();
		} finally {
			app.close();
		}
	});

	test('is not taken back when another server of the app listens', async () => {
		const port = await findPort();
		const { signal } = await createPrometheusReader({ host: '127.0.0.1', port });
		const [other, app] = [createServer(), createServer()];
		try {
			const listening = once(other.listen(0, '127.0.0.1'), 'listening');
			const claimed = once(app.listen(port, 'localhost'), 'listening');
			await Promise.all([listening, claimed]);
			expect(warnings()).toHaveLength(1);
		} finally {
			other.close();
			app.close();
			await signal.close();
		}
	});

	test('a server of the app that tries to listen again and again gets no listeners of ours', async () => {
		const port = await findPort();
		const { signal } = await createPrometheusReader({ host: '127.0.0.1', port });
		const taken = createServer().listen(0, '127.0.0.1');
		await once(taken, 'listening');
		const app = createServer();
		for (let attempt = 0; attempt < 3; attempt++) {
			app.listen((taken.address() as AddressInfo).port, '127.0.0.1');
			await once(app, 'error');
		}
		expect(app.listenerCount('listening')).toBeLessThan(2);
		taken.close();
		await signal.close();
	});

	test('is tried again while another process has it, with one line', async () => {
		vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
		const taken = createServer().listen(0, '127.0.0.1');
		await once(taken, 'listening');
		const { port } = taken.address() as AddressInfo;
		const { reader, signal } = await createPrometheusReader({ host: '127.0.0.1', port });
		void new MeterProvider({ readers: [reader] });
		try {
			for (let attempt = 0; attempt < 12; attempt++) {
				await vi.advanceTimersByTimeAsync(5000);
				await new Promise(setImmediate);
			}
			expect(written).toEqual([
				`adapter-node-otel: metrics cannot be served at 127.0.0.1:${port} (EADDRINUSE): Prometheus cannot scrape them until the port is free, which is tried every 5 s; the app is not affected. Set OTEL_EXPORTER_PROMETHEUS_PORT to a free port\n`
			]);
			await once(taken.close(), 'close');
			await vi.advanceTimersByTimeAsync(5000);
			vi.useRealTimers();
			await expect.poll(() => statusAt(`http://127.0.0.1:${port}/metrics`).catch(() => undefined)).toBe(200);
			expect(written.slice(1)).toEqual([`adapter-node-otel: metrics are now served at 127.0.0.1:${port}\n`]);
		} finally {
			vi.useRealTimers();
			await signal.close();
		}
	});

	test('is not tried again after the endpoint is closed', async () => {
		const taken = createServer().listen(0, '127.0.0.1');
		await once(taken, 'listening');
		const { port } = taken.address() as AddressInfo;
		const { signal } = await createPrometheusReader({ host: '127.0.0.1', port });
		await signal.close();
		await once(taken.close(), 'close');
		const app = createServer();
		await once(app.listen(0, '127.0.0.1'), 'listening');
		await once(app.close(), 'close');
		await expect(statusAt(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow('fetch failed');
	});

	test('stays with the first of two endpoints', async () => {
		const port = await findPort();
		const first = await createPrometheusReader({ host: '127.0.0.1', port });
		const second = await createPrometheusReader({ host: '127.0.0.1', port });
		expect(second.signal.exporters).toEqual(['prometheus, which cannot listen']);
		await second.signal.close();
		await first.signal.close();
	});
});
