import {
	InMemoryMetricExporter,
	AggregationTemporality,
	MeterProvider,
	PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { createServerMeasures } from '../../files/metrics/server-measures.ts';
import { withUnits } from '../../files/metrics/prometheus-names.ts';

const create = () => {
	const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
	const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
	const provider = new MeterProvider({ readers: [reader] });
	const collect = async () => {
		await provider.forceFlush();
		return exporter.getMetrics().at(-1)!;
	};
	return { measure: createServerMeasures(provider.getMeter('unit')), collect };
};

test('ten thousand hostile requests create one time series for each known method, and one more', async () => {
	const { measure, collect } = create();
	for (let index = 0; index < 10_000; index++) {
		const method = index % 2 ? `M${index}` : ['GET', 'POST', 'PUT'][index % 3];
		measure(
			method,
			`${index % 5 ? 'https' : `x${index}`}://host-${index}`
		)({
			seconds: 0.01,
			route: undefined,
			status: 404,
			error: undefined
		});
	}
	const metrics = (await collect()).scopeMetrics[0]!.metrics;
	expect(
		Object.fromEntries(metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length]))
	).toEqual({ 'http.server.active_requests': 4, 'http.server.request.duration': 4 });
});

test('a request that turns out to be ignored is no longer active, and has no duration', async () => {
	const { measure, collect } = create();
	measure('GET', 'http://a')();
	const metrics = (await collect()).scopeMetrics[0]!.metrics;
	expect(
		metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)])
	).toEqual([['http.server.active_requests', [0]]]);
});

test('names for Prometheus end in the unit', async () => {
	const { measure, collect } = create();
	measure('GET', 'http://a')({ seconds: 1, route: '/', status: 200, error: undefined });
	const names = withUnits(await collect()).scopeMetrics[0]!.metrics.map(({ descriptor }) => descriptor.name);
	expect(names.sort()).toEqual(['http_server_active_requests', 'http_server_request_duration_seconds']);
});
