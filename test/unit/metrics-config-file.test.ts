import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InstrumentType, MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import type { PrometheusSettings } from '../../files/config/metrics.ts';
import { setDiagnostics } from '../../files/diagnostics/sdk-diagnostics.ts';
import { createPrometheusReader } from '../../files/metrics/prometheus.ts';
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

/** A meter of a provider with the resource of a shop, and what its endpoint serves. */
async function serve(exporter: string) {
	const { metrics, lines } = await read(`
meter_provider:
  readers: [{ pull: { exporter: { prometheus/development: ${exporter} } } }]
`);
	const reader = new ManualReader();
	const resource = resourceFromAttributes({ 'service.name': 'shop', 'k8s.pod/id': 7, zone: 'z' });
	const serialize = createSerializer(metrics!.readers[0] as PrometheusSettings);
	const provider = new MeterProvider({ readers: [reader], resource });
	return {
		lines,
		provider,
		meter: provider.getMeter('orders', '1'),
		scrape: async () => parsePrometheus(serialize((await reader.collect()).resourceMetrics))
	};
}

test('the labels of the scope and the resource are those that the file wants', async () => {
	const { meter, scrape, lines } = await serve(
		'{ scope_info_enabled: false, target_info_enabled/development: false, resource_constant_labels: { included: ["*e*", k8s.pod?id], excluded: [other] }, translation_strategy: underscore_escaping_with_suffixes }'
	);
	expect(lines).toEqual([]);
	meter.createCounter('sold').add(1, { kind: 'book', zone: 'own' });
	meter.createHistogram('time').record(1);
	const series = await scrape();
	expect(series.slice(0, 2)).toEqual([
		// the label of the measurement has precedence
		{
			name: 'sold_total',
			labels: { k8s_pod_id: '7', kind: 'book', service_name: 'shop', zone: 'own' },
			value: 1
		},
		{ name: 'time_count', labels: { k8s_pod_id: '7', service_name: 'shop', zone: 'z' }, value: 1 }
	]);
	expect(series.map(({ name }) => name)).not.toContain('target_info');
});

test('two meters with the same metric collide without the labels of the scope, and one line says how to get them', async () => {
	setDiagnostics();
	const { provider, scrape } = await serve('{ scope_info_enabled: false }');
	for (const name of ['orders', 'returns']) provider.getMeter(name).createCounter('sold').add(1);
	expect((await scrape()).filter(({ name }) => name === 'sold_total')).toHaveLength(1);
	expect(written).toEqual([
		expect.stringMatching(
			/two time series of sold_total have .* If it is the metric of two meters, set scope_info_enabled to true in the file of OTEL_CONFIG_FILE\n$/
		)
	]);
});

test('a file without these settings, or with their defaults, has the labels of the scope and target_info', async () => {
	const { meter, scrape, lines } = await serve(
		'{ scope_info_enabled: true, target_info_enabled/development: null }'
	);
	expect(lines).toEqual([]);
	meter.createCounter('sold').add(1);
	expect(await scrape()).toEqual([
		{ name: 'target_info', labels: { k8s_pod_id: '7', service_name: 'shop', zone: 'z' }, value: 1 },
		{ name: 'sold_total', labels: { otel_scope_name: 'orders', otel_scope_version: '1' }, value: 1 }
	]);
});

test('names for Prometheus that are not ours are logged', async () => {
	const { lines } = await serve('{ translation_strategy: no_translation/development }');
	expect(lines).toEqual([
		expect.stringContaining(
			'meter_provider.readers[0].pull.exporter.prometheus/development.translation_strategy is no_translation/development (underscore_escaping_with_suffixes is used)'
		)
	]);
});

test('each reader has its limits of time series, and views without a limit of their own have them too', async () => {
	await using receiver = await startReceiver();
	const { metrics, lines } = await read(`
meter_provider:
  readers:
    - periodic:
        exporter: { otlp_http: { endpoint: "${receiver.url}/v1/metrics" } }
        cardinality_limits: { default: 4, counter: 3 }
  views:
    - selector: { instrument_name: viewed }
      stream: { description: of a view }
    - selector: { instrument_name: limited }
      stream: { aggregation_cardinality_limit: 2 }
`);
	expect(lines).toEqual([]);
	const { provider, flush, close, restore } = await startMetrics(metrics!, METRICS_OPTIONS);
	const meter = provider.getMeter('shop');
	for (const name of ['sold', 'viewed', 'limited']) {
		const counter = meter.createCounter(name);
		for (let id = 0; id < 9; id++) counter.add(1, { id });
	}
	const gauge = meter.createGauge('stock');
	for (let id = 0; id < 9; id++) gauge.record(1, { id });
	await flush();
	await close();
	restore();
	const count = (name: string): number => receiver.points.filter((point) => point.name === name).length;
	expect(['sold', 'viewed', 'limited', 'stock'].map(count)).toEqual([3, 3, 2, 4]);
});

test('the endpoint for Prometheus has limits too', async () => {
	const { metrics } = await read(`
meter_provider:
  readers:
    - pull:
        exporter: { prometheus/development: { host: 127.0.0.1, port: 0 } }
        cardinality_limits: { up_down_counter: 2 }
`);
	const { reader, signal } = await createPrometheusReader(metrics!.readers[0] as PrometheusSettings);
	expect(reader.selectCardinalityLimit(InstrumentType.UP_DOWN_COUNTER)).toBe(2);
	expect(reader.selectCardinalityLimit(InstrumentType.OBSERVABLE_UP_DOWN_COUNTER)).toBe(2000);
	await signal.close();
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
        max_export_batch_size/development: 9
        exporter: { otlp_file/development: }
`);
	expect(metrics).toBeUndefined();
	expect(lines).toHaveLength(1);
	for (const problem of [
		'meter_provider.readers[0].periodic.max_export_batch_size/development is not supported',
		'meter_provider.readers[0].periodic.exporter.otlp_file/development is not supported'
	])
		expect(lines[0]).toContain(problem);
});
