import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
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

	test('the host, if it is not of this machine or does not resolve', async () => {
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
