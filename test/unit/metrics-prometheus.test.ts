import { once } from 'node:events';
import { connect } from 'node:net';
import { diag } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, test, vi } from 'vitest';
import { createPrometheusReader } from '../../files/metrics/prometheus.ts';
import { withUnits } from '../../files/metrics/prometheus-names.ts';
import { createSerializer } from '../../files/metrics/prometheus-text.ts';

const openSockets = (): number =>
	process.getActiveResourcesInfo().filter((each) => each === 'TCPSocketWrap').length;

test('a connection that a Prometheus keeps open does not keep the process alive', async () => {
	const { reader, signal } = await createPrometheusReader('127.0.0.1', 0);
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
	const { reader, signal } = await createPrometheusReader('127.0.0.1', 0);
	void new MeterProvider({ readers: [reader] });
	const [url] = /http:.*(?=\/metrics$)/.exec(signal.exporters[0]!)!;
	const response = await fetch(url + path);
	await response.text();
	await signal.close();
	expect(response.status).toBe(status);
});

test('a gauge with the unit 1 is a ratio, a count of things is not', async () => {
	const { reader, signal } = await createPrometheusReader('127.0.0.1', 0);
	const meter = new MeterProvider({ readers: [reader] }).getMeter('app');
	meter.createGauge('load', { unit: '1' }).record(0.5);
	meter.createCounter('orders', { unit: '1' }).add(1);
	const { scopeMetrics } = withUnits((await reader.collect()).resourceMetrics);
	await signal.close();
	expect(scopeMetrics[0]!.metrics.map(({ descriptor }) => descriptor.name)).toEqual(['load_ratio', 'orders']);
});

test('a metric of several meters has one description, and no line complains of the others', async () => {
	const { reader, signal } = await createPrometheusReader('127.0.0.1', 0);
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
