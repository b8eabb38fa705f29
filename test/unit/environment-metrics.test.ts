import { describe, expect, test } from 'vitest';
import { readEnvironment } from './support/read-environment.ts';

const read = async (env: Record<string, string>) => {
	const { settings, lines } = await readEnvironment(env);
	return { metrics: settings!.metrics, traces: settings!.traces, lines };
};

test('metrics are off unless their exporter is named', async () => {
	expect((await read({ OTEL_METRIC_EXPORT_INTERVAL: 'x' })).metrics).toBeUndefined();
	expect((await read({ OTEL_METRICS_EXPORTER: 'none' })).metrics).toBeUndefined();
	const { metrics, traces } = await read({ OTEL_METRICS_EXPORTER: 'otlp', OTEL_TRACES_EXPORTER: 'none' });
	expect(traces).toBeUndefined();
	expect(metrics!.readers).toMatchObject([
		{
			exporter: { signal: 'metrics', url: 'http://localhost:4318/v1/metrics', protocol: 'http/protobuf' },
			intervalMs: 60_000,
			timeoutMs: 30_000,
			temporality: 'cumulative',
			histogram: 'explicit_bucket_histogram'
		}
	]);
});

test('all exporters can be configured, also together', async () => {
	const { metrics, lines } = await read({
		OTEL_METRICS_EXPORTER: 'otlp,prometheus,console',
		OTEL_METRIC_EXPORT_INTERVAL: '5000',
		OTEL_METRIC_EXPORT_TIMEOUT: '1000',
		OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'Delta',
		OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
		OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0',
		OTEL_EXPORTER_PROMETHEUS_PORT: '9100',
		OTEL_METRICS_EXEMPLAR_FILTER: 'always_on'
	});
	expect(lines).toEqual([]);
	expect(metrics!.exemplarFilter).toBe('always_on');
	expect(metrics!.readers).toMatchObject([
		{
			intervalMs: 5000,
			timeoutMs: 1000,
			temporality: 'delta',
			histogram: 'base2_exponential_bucket_histogram'
		},
		{ exporter: 'prometheus', host: '0.0.0.0', port: 9100 },
		{ exporter: 'console', intervalMs: 5000 }
	]);
});

test('the OTLP variables for metrics have precedence over those for all signals', async () => {
	const { metrics } = await read({
		OTEL_METRICS_EXPORTER: 'otlp',
		OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all:4318',
		OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://metrics:4318/x',
		OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=1',
		OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'b=2',
		OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '5',
		OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'gzip',
		OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json'
	});
	expect(metrics!.readers[0]!.exporter).toMatchObject({
		url: 'http://metrics:4318/x',
		headers: { a: '1', b: '2' },
		timeoutMs: 5,
		compression: 'gzip',
		protocol: 'http/json'
	});
});

describe('a value that is not used unchanged is logged in one line', () => {
	test.each([
		[
			{ OTEL_METRIC_EXPORT_INTERVAL: '0' },
			'OTEL_METRIC_EXPORT_INTERVAL is "0": 60000 ms is used. Expected milliseconds, a whole number above 0'
		],
		[
			{ OTEL_METRIC_EXPORT_INTERVAL: '1000', OTEL_METRIC_EXPORT_TIMEOUT: '2000' },
			'OTEL_METRIC_EXPORT_TIMEOUT is 2000, longer than the 1000 ms of OTEL_METRIC_EXPORT_INTERVAL: 1000 ms is used. Expected no more than OTEL_METRIC_EXPORT_INTERVAL'
		],
		[
			{ OTEL_METRICS_EXEMPLAR_FILTER: 'sampled' },
			'OTEL_METRICS_EXEMPLAR_FILTER is "sampled": trace_based is used. Expected trace_based, always_on, always_off'
		],
		[
			{ OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'total' },
			'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE is "total": cumulative is used. Expected cumulative, delta, lowmemory'
		],
		[
			{ OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'x' },
			'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION is "x": explicit_bucket_histogram is used. Expected explicit_bucket_histogram, base2_exponential_bucket_histogram'
		],
		[
			{ OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: '99999' },
			'OTEL_EXPORTER_PROMETHEUS_PORT is "99999": 9464 is used. Expected a port, from 0 (any that is free) to 65535'
		],
		[
			{ OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_HOST: 'a b' },
			'OTEL_EXPORTER_PROMETHEUS_HOST is "a b": localhost is used. Expected a host or an address to listen on'
		],
		[
			{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/v1/traces', OTEL_TRACES_EXPORTER: 'none' },
			'OTEL_EXPORTER_OTLP_ENDPOINT is "http://c:4318/v1/traces", which ends in /v1/traces already: http://c:4318/v1/metrics is used for metrics. Expected the base URL, or OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'
		]
	] as [Record<string, string>, string][])('%j', async (env, line) => {
		const { lines } = await read({ OTEL_METRICS_EXPORTER: 'otlp', ...env });
		expect(lines).toEqual([line]);
	});
});
