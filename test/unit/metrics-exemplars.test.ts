import {
	type Attributes,
	INVALID_SPAN_CONTEXT,
	ROOT_CONTEXT,
	TraceFlags,
	context,
	trace
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
	AggregationType,
	InstrumentType,
	MeterProvider,
	type ResourceMetrics
} from '@opentelemetry/sdk-metrics';
import { channel } from 'node:diagnostics_channel';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Exemplars } from '../../files/metrics/exemplars.ts';
import { serialize as toJson } from '../../files/metrics/metrics-json.ts';
import { serialize as toProtobuf } from '../../files/metrics/metrics-protobuf.ts';
import { measureFetch } from '../../files/metrics/fetch-measures.ts';
import { createServerMeasures } from '../../files/metrics/server-measures.ts';
import { startMetrics } from '../../files/metrics/start-metrics.ts';
import { type ReceivedPoint, decodeMetrics } from '../otlp/metrics.ts';
import { startReceiver } from '../otlp/receiver.ts';
import { ManualReader } from './support/manual-reader.ts';
import { METRICS_OPTIONS, otlpMetrics } from './support/otlp-metrics.ts';

const sampled = {
	traceId: '0af7651916cd43dd8448eb211c80319c',
	spanId: 'b7ad6b7169203331',
	traceFlags: TraceFlags.SAMPLED
};
const unsampled = { ...sampled, spanId: '00f067aa0ba902b7', traceFlags: TraceFlags.NONE };

let reader: ManualReader;
let provider: MeterProvider;
let exemplars: Exemplars;

/** A request of half a second to a route, by its span. */
let request: (route: string, seconds: number, spanContext?: typeof sampled) => void;

function measure(filter: 'trace_based' | 'always_on', type = AggregationType.DEFAULT): void {
	reader = new ManualReader({
		aggregationSelector: (instrument) =>
			({ type: instrument === InstrumentType.HISTOGRAM ? type : AggregationType.DEFAULT }) as never
	});
	exemplars = new Exemplars(filter, [0.1, 1], 'test');
	provider = new MeterProvider({ readers: [reader] });
	const meter = provider.getMeter('test');
	const { measureRequest } = createServerMeasures(meter, exemplars);
	request = (route, seconds, spanContext) =>
		measureRequest('GET', 'http')({ seconds, route, status: 200, error: undefined, spanContext });
}

async function collect(sinceMs = 0): Promise<ResourceMetrics> {
	const { resourceMetrics } = await reader.collect();
	exemplars.attach(resourceMetrics, sinceMs);
	return resourceMetrics;
}

const read = (metrics: ResourceMetrics): ReceivedPoint[] =>
	decodeMetrics(toProtobuf(metrics)!, 'protobuf').filter(({ name }) => name.endsWith('duration'));

beforeEach(() => measure('trace_based'));

test('the last sampled request of each bucket and series is kept', async () => {
	request('/a', 0.05, sampled);
	request('/a', 0.06, { ...sampled, spanId: '1'.repeat(16) });
	request('/a', 0.07, unsampled);
	request('/a', 5, sampled);
	request('/b', 0.5);
	const [a, b] = read(await collect());
	expect(a!.exemplars).toEqual([
		{
			value: 0.06,
			timeUnixNano: expect.any(BigInt),
			traceId: sampled.traceId,
			spanId: '1'.repeat(16)
		},
		{ value: 5, timeUnixNano: expect.any(BigInt), traceId: sampled.traceId, spanId: sampled.spanId }
	]);
	expect(Number(a!.exemplars[0]!.timeUnixNano / 1_000_000n)).toBeCloseTo(Date.now(), -4);
	expect(b!.exemplars).toEqual([]);
});

test('the same metric of another meter has none', async () => {
	request('/a', 0.5, sampled);
	const [ours] = read(await collect());
	provider
		.getMeter('foreign')
		.createHistogram('http.server.request.duration', { unit: 's' })
		.record(0.5, ours!.attributes as Attributes);
	const points = read(await collect());
	const lengths = Object.fromEntries(points.map((point) => [point.scope.name, point.exemplars.length]));
	expect(lengths).toEqual({ test: 1, foreign: 0 });
});

test('always_on keeps requests that are not sampled, too', async () => {
	measure('always_on');
	request('/a', 0.5, unsampled);
	request('/a', 5, INVALID_SPAN_CONTEXT);
	const [a] = read(await collect());
	expect(a!.exemplars).toMatchObject([{ spanId: unsampled.spanId }]);
});

test.each([
	['trace_based', [sampled.spanId]],
	['always_off', []]
] as const)('%s: the exemplars that a collector gets', async (exemplarFilter, expected) => {
	await using receiver = await startReceiver();
	const { measureRequest, flush, close, restore } = await startMetrics(
		{
			exemplarFilter,
			readers: [otlpMetrics(receiver.url)]
		},
		METRICS_OPTIONS
	);
	measureRequest(
		'GET',
		'http'
	)({
		seconds: 1,
		route: '/a',
		status: 200,
		error: undefined,
		spanContext: sampled
	});
	await flush();
	await close();
	restore();
	const duration = receiver.points.find(({ name }) => name === 'http.server.request.duration');
	expect(duration!.exemplars.map(({ spanId }) => spanId)).toEqual(expected);
});

test('a fetch leads to the span that made it', async () => {
	measure('trace_based');
	measureFetch(new MeterProvider({ readers: [(reader = new ManualReader())] }).getMeter('test'), exemplars);
	context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
	try {
		const call = { method: 'GET', origin: 'http://a.example', path: '/' };
		context.with(trace.setSpanContext(ROOT_CONTEXT, sampled), () =>
			channel('undici:request:create').publish({ request: call })
		);
		channel('undici:request:headers').publish({ request: call, response: { statusCode: 200 } });
	} finally {
		context.disable();
	}
	const [duration] = read(await collect());
	expect(duration!.name).toBe('http.client.request.duration');
	expect(duration!.exemplars).toMatchObject([{ traceId: sampled.traceId, spanId: sampled.spanId }]);
});

test('there are exemplars for as many time series as the SDK keeps, and no more', async () => {
	for (let index = 0; index < 3000; index++) request(`/${index}`, 0.5, sampled);
	// what is known keeps its exemplars up to date
	request('/0', 0.6, sampled);
	const metric = { descriptor: { name: 'http.server.request.duration' } };
	const all = { scopeMetrics: [{ scope: { name: 'test' }, metrics: [metric] }] };
	const points = Array.from({ length: 3000 }, (_, index) => ({
		attributes: {
			'http.request.method': 'GET',
			'url.scheme': 'http',
			'http.route': `/${index}`,
			'http.response.status_code': 200
		},
		exemplars: [] as { value: number }[]
	}));
	Object.assign(metric, { dataPoints: points });
	exemplars.attach(all as never, 0);
	expect(points.filter((point) => point.exemplars.length > 0)).toHaveLength(2000);
	expect(points[0]!.exemplars.map(({ value }) => value)).toEqual([0.6]);
});

test.each([
	[['prometheus'], 0],
	[['otlp', 'prometheus'], 1]
])('with %j, requests are kept as exemplars: %i', async (exporters, kept) => {
	const offer = vi.spyOn(Exemplars.prototype, 'offer');
	await using receiver = await startReceiver();
	const { measureRequest, close, restore } = await startMetrics(
		{
			exemplarFilter: 'trace_based',
			readers: exporters.map((exporter) =>
				exporter === 'prometheus' ? { exporter, host: '127.0.0.1', port: 0 } : otlpMetrics(receiver.url)
			)
		},
		METRICS_OPTIONS
	);
	measureRequest(
		'GET',
		'http'
	)({ seconds: 1, route: '/a', status: 200, error: undefined, spanContext: sampled });
	await close();
	restore();
	expect(offer).toHaveBeenCalledTimes(kept);
	offer.mockRestore();
});

test('a value on a bound belongs to the bucket below it', async () => {
	request('/a', 0.05, unsampled);
	request('/a', 0.1, sampled);
	request('/a', 0.09, { ...sampled, spanId: '1'.repeat(16) });
	const [a] = read(await collect());
	expect(a!.exemplars.map(({ value }) => value)).toEqual([0.09]);
});

test('an exported exemplar is not exported again', async () => {
	request('/a', 0.5, sampled);
	const [a] = read(await collect(Date.now() + 1));
	expect(a!.exemplars).toEqual([]);
});

describe.each([
	['explicit', AggregationType.DEFAULT],
	['exponential', AggregationType.EXPONENTIAL_HISTOGRAM]
])('%s histograms', (_, type) => {
	test('are the same in JSON and in protobuf, with and without exemplars', async () => {
		measure('trace_based', type);
		request('/a', 0.5, sampled);
		request('/b', 0.5);
		const metrics = await collect();
		const points = decodeMetrics(toProtobuf(metrics)!, 'protobuf');
		expect(points.map((point) => point.exemplars.length)).toEqual(expect.arrayContaining([0, 1]));
		expect(decodeMetrics(toJson(metrics)!, 'json')).toEqual(points);
	});
});
