import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { createSerializer } from '../../files/metrics/prometheus-text.ts';
import { startMetrics } from '../../files/metrics/start-metrics.ts';
import { startReceiver } from '../otlp/receiver.ts';
import { readEnvironment } from './support/read-environment.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { ManualReader } from './support/manual-reader.ts';
import { METRICS_OPTIONS } from './support/otlp-metrics.ts';
import { parsePrometheus } from './support/prometheus-parser.ts';
import { captureStderr } from './support/stderr.ts';

const written = captureStderr();

async function read(yaml: string) {
	const file = path.join(makeTempDir(), 'sdk.yaml');
	writeFileSync(file, `file_format: "1.0"\n${yaml}`);
	const { settings, lines } = await readEnvironment({ OTEL_CONFIG_FILE: file });
	return { metrics: settings?.metrics, lines };
}

test('a configuration file has all settings of metrics that the environment has', async () => {
	const { metrics, lines } = await read(`
meter_provider:
  exemplar_filter: always_off
  readers:
    - periodic:
        interval: 5000
        timeout: 9000
        exporter:
          otlp_http:
            endpoint: http://file/v1/metrics
            encoding: json
            temporality_preference: low_memory
            default_histogram_aggregation: base2_exponential_bucket_histogram
    - periodic: { exporter: { otlp_grpc: {} } }
    - periodic: { interval: 1000, timeout: 200, exporter: { console: } }
    - pull: { exporter: { prometheus/development: { host: 0.0.0.0, port: 9000 } } }
    - pull: { exporter: { prometheus/development: } }
`);
	expect(lines).toEqual([]);
	expect(metrics!.exemplarFilter).toBe('always_off');
	expect(metrics!.readers).toMatchObject([
		{
			exporter: { signal: 'metrics', url: 'http://file/v1/metrics', protocol: 'http/json' },
			intervalMs: 5000,
			timeoutMs: 5000,
			temporality: 'lowmemory',
			histogram: 'base2_exponential_bucket_histogram'
		},
		{
			exporter: { signal: 'metrics', protocol: 'grpc', url: 'http://localhost:4317' },
			intervalMs: 60_000,
			timeoutMs: 30_000,
			temporality: 'cumulative',
			histogram: 'explicit_bucket_histogram'
		},
		{ exporter: 'console', intervalMs: 1000, timeoutMs: 200 },
		{ exporter: 'prometheus', host: '0.0.0.0', port: 9000, isOfFile: true },
		{ exporter: 'prometheus', host: 'localhost', port: 9464, isOfFile: true }
	]);
});

test('its views are applied to instruments', async () => {
	const { metrics, lines } = await read(`
meter_provider:
  readers: [{ periodic: { exporter: { console: } } }]
  views:
    - selector: { instrument_name: dropped }
      stream: { aggregation: { drop: } }
    - selector: { instrument_type: histogram, meter_name: shop }
      stream: { aggregation: { explicit_bucket_histogram: { boundaries: [1, 2] } } }
    - selector: { instrument_name: orders, unit: "{order}" }
      stream: { name: sold, description: of the shop, attribute_keys: { included: ["shop.*"], excluded: [shop.user] } }
`);
	expect(lines).toEqual([]);
	const reader = new ManualReader();
	const meter = new MeterProvider({ readers: [reader], views: [...metrics!.views!] }).getMeter('shop');
	meter.createCounter('dropped').add(1);
	meter.createHistogram('times').record(1.5);
	meter
		.createCounter('orders', { unit: '{order}' })
		.add(3, { 'shop.kind': 'book', 'shop.user': 1, other: 2 });
	const { resourceMetrics } = await reader.collect();
	expect(resourceMetrics.scopeMetrics[0]!.metrics).toMatchObject([
		{
			descriptor: { name: 'times' },
			dataPoints: [{ value: { buckets: { boundaries: [1, 2], counts: [0, 1, 0] } } }]
		},
		{
			descriptor: { name: 'sold', description: 'of the shop' },
			dataPoints: [{ value: 3, attributes: { 'shop.kind': 'book' } }]
		}
	]);
});

test.each([
	['v8js.?emory*', 'v8js.memory.heap.used', true],
	['v8js.?emory*', 'v8js.emory.heap.used', false],
	['v8js.*.heap.*', 'v8js.memory.heap.used', true],
	['*.heap', 'v8js.memory.heap.used', false]
])('a view of %s matches %s: %s', async (pattern, name, isMatched) => {
	const { metrics, lines } = await read(`
meter_provider:
  readers: [{ periodic: { exporter: { console: } } }]
  views: [{ selector: { instrument_name: "${pattern}" }, stream: { aggregation: { drop: } } }]
`);
	expect(lines).toEqual([]);
	const reader = new ManualReader();
	new MeterProvider({ readers: [reader], views: [...metrics!.views!] })
		.getMeter('shop')
		.createCounter(name)
		.add(1);
	const { resourceMetrics } = await reader.collect();
	expect(resourceMetrics.scopeMetrics).toHaveLength(isMatched ? 0 : 1);
});

test.each([
	['included: ["?.b"]', { 'a.b': 1 }],
	['included: ["a*"]', { 'a.b': 1, 'a/b': 2 }],
	['excluded: ["a?b"]', { bb: 3 }],
	['included: ["*b"], excluded: ["a.*", "x"]', { 'a/b': 2, bb: 3 }]
])('a view keeps the attributes of %s', async (keys, kept) => {
	const { metrics, lines } = await read(`
meter_provider:
  readers: [{ periodic: { exporter: { console: } } }]
  views: [{ selector: { instrument_name: orders }, stream: { attribute_keys: { ${keys} } } }]
`);
	expect(lines).toEqual([]);
	const [processor] = metrics!.views![0]!.attributesProcessors!;
	expect(processor!.process({ 'a.b': 1, 'a/b': 2, bb: 3 })).toEqual(kept);
});

test('a view with an exponential histogram is served for Prometheus with count and sum, which is logged once', async () => {
	const { metrics, lines } = await read(`
meter_provider:
  readers: [{ pull: { exporter: { prometheus/development: } } }]
  views:
    - selector: { instrument_type: histogram }
      stream: { aggregation: { base2_exponential_bucket_histogram: } }
    - selector: { instrument_name: balance }
      stream: { aggregation: { base2_exponential_bucket_histogram: } }
`);
	expect(lines).toEqual([]);
	const reader = new ManualReader();
	const meter = new MeterProvider({ readers: [reader], views: [...metrics!.views!] }).getMeter('shop');
	const wait = meter.createHistogram('wait', { unit: 's' });
	for (const seconds of [0, 0.25, 100]) wait.record(seconds, { le: 'x', route: '/' });
	wait.record(1);
	const balance = meter.createGauge('balance');
	for (const value of [-1, 1]) balance.record(value);
	const serialize = createSerializer();
	const labels = { otel_scope_name: 'shop' };
	const ofRoute = { ...labels, exported_le: 'x', route: '/' };
	for (let scrape = 0; scrape < 2; scrape++) {
		const series = parsePrometheus(serialize((await reader.collect()).resourceMetrics));
		expect(series.filter(({ name }) => name !== 'target_info')).toEqual([
			{ name: 'wait_seconds_count', labels: ofRoute, value: 3 },
			{ name: 'wait_seconds_sum', labels: ofRoute, value: 100.25 },
			{ name: 'wait_seconds_bucket', labels: { ...ofRoute, le: '+Inf' }, value: 3 },
			{ name: 'wait_seconds_count', labels, value: 1 },
			{ name: 'wait_seconds_sum', labels, value: 1 },
			{ name: 'wait_seconds_bucket', labels: { ...labels, le: '+Inf' }, value: 1 },
			// what can be negative has no sum
			{ name: 'balance_count', labels, value: 2 },
			{ name: 'balance_bucket', labels: { ...labels, le: '+Inf' }, value: 2 }
		]);
	}
	expect(written).toEqual([expect.stringContaining('the metric wait is an exponential histogram')]);
});

test('its readers and views are those of what is measured', async () => {
	await using receiver = await startReceiver();
	const { metrics } = await read(`
meter_provider:
  readers: [{ periodic: { exporter: { otlp_http: { endpoint: "${receiver.url}/v1/metrics" } } } }]
  views:
    - selector: { instrument_name: http.server.active_requests }
      stream: { aggregation: { drop: } }
`);
	const { measureRequest, flush, close, restore } = await startMetrics(metrics!, METRICS_OPTIONS);
	measureRequest('GET', 'http')({ seconds: 1, route: '/a', status: 200, error: undefined });
	await flush();
	await close();
	restore();
	expect(receiver.points.map(({ name }) => name)).toEqual(['http.server.request.duration']);
});

test('an interval above the longest timer of Node is that timer, and one of 0 is the default, which is logged', async () => {
	const { metrics, lines } = await read(`
meter_provider:
  readers:
    - periodic: { interval: 3000000000, timeout: 0, exporter: { console: } }
    - periodic: { interval: 0, exporter: { console: } }
`);
	expect(metrics!.readers).toMatchObject([
		{ intervalMs: 2 ** 31 - 1, timeoutMs: 2 ** 31 - 1 },
		{ intervalMs: 60_000, timeoutMs: 30_000 }
	]);
	expect(lines).toEqual([
		expect.stringContaining('meter_provider.readers[1].periodic.interval is 0 (60000 is used)')
	]);
});

test('settings that are not supported are logged in one line', async () => {
	const { metrics, lines } = await read(`
tracer_provider: { processors: [{ simple: { exporter: { console: } } }] }
meter_provider:
  readers:
    - periodic:
        cardinality_limits: { default: 9 }
        exporter: { otlp_file/development: }
`);
	expect(metrics).toBeUndefined();
	expect(lines).toHaveLength(1);
	for (const problem of [
		'meter_provider.readers[0].periodic.cardinality_limits is not supported',
		'meter_provider.readers[0].periodic.exporter.otlp_file/development is not supported'
	])
		expect(lines[0]).toContain(problem);
});
