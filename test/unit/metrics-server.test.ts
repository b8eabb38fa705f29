import {
	InMemoryMetricExporter,
	AggregationTemporality,
	type DataPoint,
	type Histogram,
	MeterProvider,
	PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics';
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { createProxy } from '../../files/http/proxy.ts';
import { createServerMeasures } from '../../files/metrics/server-measures.ts';
import { startMetrics } from '../../files/metrics/start-metrics.ts';
import { withUnits } from '../../files/metrics/prometheus-names.ts';
import { decodeMetrics } from '../otlp/metrics.ts';
import { METRICS_OPTIONS, otlpMetrics } from './support/otlp-metrics.ts';

const create = () => {
	const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
	const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
	const provider = new MeterProvider({ readers: [reader] });
	const collect = async () => {
		await provider.forceFlush();
		return exporter.getMetrics().at(-1)!;
	};
	const { measureRequest, settle } = createServerMeasures(provider.getMeter('unit'));
	return { measure: measureRequest, settle, collect };
};

test('ten thousand hostile requests create one time series for each known method, and one more', async () => {
	const { measure, collect } = create();
	const proxy = createProxy({ PROTOCOL_HEADER: 'x-forwarded-proto' }, '');
	for (let index = 0; index < 10_000; index++) {
		const headers = { host: `host-${index}`, 'x-forwarded-proto': index % 5 ? 'https' : `x${index}` };
		measure(
			index % 2 ? `M${index}` : ['GET', 'POST', 'PUT'][index % 3],
			proxy.scheme({ headers } as unknown as IncomingMessage)
		)({ seconds: 0.01, route: undefined, status: 404, error: undefined });
	}
	const metrics = (await collect()).scopeMetrics[0]!.metrics;
	expect(
		Object.fromEntries(metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length]))
	).toEqual({ 'http.server.active_requests': 4, 'http.server.request.duration': 4 });
});

test('requests are counted by all of their attributes, in the unit and the buckets of the conventions', async () => {
	const { measure, collect } = create();
	const ends = [
		{ seconds: 0.07, route: '/a', status: 200, error: undefined },
		{ seconds: 8, route: '/a', status: 200, error: 'ECONNRESET' },
		{ seconds: 0.07, route: '/a', status: 200, error: undefined },
		{ seconds: 1, route: '/b', status: 500, error: '500' },
		{ seconds: 1, route: undefined, status: undefined, error: 'ECONNRESET' }
	];
	for (const end of ends) measure('GET', 'http')(end);
	const [active, duration] = (await collect()).scopeMetrics[0]!.metrics.toSorted((a, b) =>
		a.descriptor.name < b.descriptor.name ? -1 : 1
	);
	expect(active!.descriptor).toMatchObject({ name: 'http.server.active_requests', unit: '{request}' });
	expect(duration!.descriptor).toMatchObject({ name: 'http.server.request.duration', unit: 's' });
	const common = { 'http.request.method': 'GET', 'url.scheme': 'http' };
	const status = 'http.response.status_code';
	const points = duration!.dataPoints as DataPoint<Histogram>[];
	expect(points.map(({ attributes, value: { count, sum } }) => [attributes, count, sum])).toEqual([
		[{ ...common, 'http.route': '/a', [status]: 200 }, 2, 0.14],
		[{ ...common, 'http.route': '/a', [status]: 200, 'error.type': 'ECONNRESET' }, 1, 8],
		[{ ...common, 'http.route': '/b', [status]: 500, 'error.type': '500' }, 1, 1],
		[{ ...common, 'error.type': 'ECONNRESET' }, 1, 1]
	]);
	expect(points[0]!.value.buckets.boundaries).toEqual([
		0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10
	]);
});

test('a request that turns out to be ignored is no longer active, and has no duration', async () => {
	const { measure, collect } = create();
	measure('GET', 'http')();
	const metrics = (await collect()).scopeMetrics[0]!.metrics;
	expect(
		metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)])
	).toEqual([['http.server.active_requests', [0]]]);
});

test('active requests are those of the moment of a collection, and a change of zero keeps the time series', async () => {
	const { measure, settle, collect } = create();
	const activeOf = (metrics: Awaited<ReturnType<typeof collect>>) =>
		metrics.scopeMetrics[0]!.metrics.find(
			({ descriptor }) => descriptor.name === 'http.server.active_requests'
		)!.dataPoints.map(({ attributes, value }) => [attributes['url.scheme'], value]);
	const end = { seconds: 1, route: '/', status: 200, error: undefined };

	const ends = [measure('GET', 'http'), measure('GET', 'http')];
	measure('GET', 'https')(end);
	expect(activeOf(await collect())).toEqual([
		['http', 2],
		['https', 0]
	]);
	ends[0]!(end);
	// a collection that calls no callbacks, at the end of the process
	settle();
	ends[1]!(end);
	expect(activeOf(await collect())).toEqual([
		['http', 0],
		['https', 0]
	]);
});

test('what is left when the process exits contains the requests that are active', async () => {
	const { measureRequest, drain, close, restore } = await startMetrics(
		{ exemplarFilter: 'always_off', readers: [otlpMetrics('http://127.0.0.1:9')] },
		METRICS_OPTIONS
	);
	measureRequest('GET', 'http');
	const points = drain().flatMap(({ batches }) =>
		batches.flatMap(({ body }) => decodeMetrics(body, 'protobuf'))
	);
	await close();
	restore();
	expect(points.map(({ name, value }) => [name, value])).toEqual([['http.server.active_requests', 1]]);
});

test('names for Prometheus end in the unit', async () => {
	const { measure, collect } = create();
	measure('GET', 'http')({ seconds: 1, route: '/', status: 200, error: undefined });
	const names = withUnits(await collect()).scopeMetrics[0]!.metrics.map(({ descriptor }) => descriptor.name);
	expect(names.sort()).toEqual(['http_server_active_requests', 'http_server_request_duration_seconds']);
});
