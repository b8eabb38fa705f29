import { type Attributes, type Counter, metrics } from '@opentelemetry/api';
import {
	AggregationTemporality,
	AggregationType,
	MeterProvider,
	type MetricProducer,
	MetricReader,
	type ResourceMetrics
} from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { setDiagnostics } from '../../files/diagnostics/sdk-diagnostics.ts';
import { guardReaders, keepValid, withCopies } from '../../files/metrics/app-parts.ts';
import { logOverflow } from '../../files/metrics/overflow.ts';
import { PeriodicReader } from '../../files/metrics/periodic-reader.ts';
import { createSerializer } from '../../files/metrics/prometheus-text.ts';
import { registerMeters } from '../../files/metrics/register-meters.ts';
import { SafeMeterProvider } from '../../files/metrics/safe-meters.ts';
import { createServerMeasures } from '../../files/metrics/server-measures.ts';
import { captureStderr } from './support/stderr.ts';
import { ManualReader } from './support/manual-reader.ts';

const lines = captureStderr();

beforeEach(() => {
	setDiagnostics();
});
afterEach(() => {
	metrics.disable();
});

const create = <Reader extends MetricReader = ManualReader>(
	reader: Reader = new ManualReader() as never
) => ({
	reader,
	meter: new SafeMeterProvider(new MeterProvider({ readers: [reader] })).getMeter('shop')
});

const circular: Record<string, unknown> = {};
circular['self'] = circular;

describe('a meter never throws', () => {
	test.each([
		['a BigInt', { x: 1n }],
		['a circular object', { x: circular }],
		['no object', null]
	])(
		'for attributes with %s: the measurement is left out, the next one is counted',
		async (_, attributes) => {
			const { reader, meter } = create();
			const orders = meter.createCounter('shop.orders');
			const wait = meter.createHistogram('shop.wait');
			orders.add(1, attributes as never);
			wait.record(1, attributes as never);
			orders.add(2);
			const { resourceMetrics } = await reader.collect();
			const [counted] = resourceMetrics.scopeMetrics[0]!.metrics;
			expect(counted!.dataPoints.map(({ value }) => value)).toEqual([2]);
			expect(lines.join('')).toContain('a measurement of shop.orders is ignored (');
		}
	);

	test('for text in place of attributes: the measurement counts, as with the SDK', async () => {
		const { reader, meter } = create();
		meter.createCounter('shop.orders').add(1, 'GET' as never);
		const { resourceMetrics } = await reader.collect();
		logOverflow(resourceMetrics);
		expect(resourceMetrics.scopeMetrics[0]!.metrics[0]!.dataPoints.map(({ value }) => value)).toEqual([1]);
		expect(lines).toEqual([]);
	});

	test('for a unit that is not a string: Prometheus gets all metrics', async () => {
		const { reader, meter } = create();
		meter.createCounter('shop.orders', { unit: 1 as never }).add(1);
		const { resourceMetrics } = await reader.collect();
		expect(createSerializer()(resourceMetrics)).toContain('shop_orders');
	});

	test('for a view whose processor changes the attributes of requests', async () => {
		const reader = new ManualReader();
		const views = [
			{
				instrumentName: 'http.server.*',
				attributesProcessors: [
					{
						process: (attributes: Attributes) => {
							delete attributes['url.scheme'];
							return attributes;
						}
					}
				]
			}
		];
		const provider = new SafeMeterProvider(
			new MeterProvider({ readers: [reader], views: views.map(withCopies) })
		);
		const { measureRequest } = createServerMeasures(provider.getMeter('own'));
		for (let index = 0; index < 2; index++)
			measureRequest('GET', 'http')({ seconds: 1, route: '/', status: 200, error: undefined });
		const { resourceMetrics } = await reader.collect();
		const duration = resourceMetrics.scopeMetrics[0]!.metrics.find(
			({ descriptor }) => descriptor.name === 'http.server.request.duration'
		)!;
		expect(duration.dataPoints).toMatchObject([{ value: { count: 2 } }]);
		expect(Object.keys(duration.dataPoints[0]!.attributes)).not.toContain('url.scheme');
	});

	test('for invalid options: the instrument does nothing', () => {
		const { meter } = create();
		const wait = meter.createHistogram('shop.wait', { advice: { explicitBucketBoundaries: 'x' as never } });
		expect(() => wait.record(1)).not.toThrow();
		expect(lines.join('')).toContain('the instrument shop.wait could not be made (');
	});

	test('and its observable instruments work with batch callbacks', async () => {
		const { reader, meter } = create();
		const queue = meter.createObservableGauge('shop.queue');
		meter.addBatchObservableCallback((result) => result.observe(queue, 7), [queue]);
		const { resourceMetrics } = await reader.collect();
		expect(resourceMetrics.scopeMetrics[0]!.metrics[0]!.dataPoints[0]!.value).toBe(7);
	});
});

test('totals have no more series than the limit, however many intervals there are, and one line says so', async () => {
	const reader = new ManualReader({
		aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE
	});
	const { meter } = create(reader);
	const visits = meter.createCounter('shop.visits');
	let sent = 0;
	for (let interval = 0; interval < 4; interval++) {
		for (let index = 0; index < 1500; index++) visits.add(1, { user: sent++ });
		const { resourceMetrics } = await reader.collect();
		logOverflow(resourceMetrics);
		const { dataPoints } = resourceMetrics.scopeMetrics[0]!.metrics[0]!;
		expect(dataPoints.length).toBe(Math.min(sent, 2000));
		expect(dataPoints.reduce((sum, { value }) => sum + (value as number), 0)).toBe(sent);
	}
	const told = lines.filter((line) => line.includes('the metric shop.visits has 2000 combinations'));
	expect(told).toHaveLength(1);
});

test('a reader that is never collected does not keep the measurements of the intervals of another reader', async () => {
	const [asked, idle] = [new ManualReader(), new ManualReader()];
	const provider = new MeterProvider({
		readers: [asked, idle],
		// readers share the instruments of a view
		views: [{ instrumentName: 'shop.*' }]
	});
	const meter = provider.getMeter('shop');
	const visits = meter.createCounter('shop.visits');
	const prices = meter.createHistogram('shop.prices', { advice: { explicitBucketBoundaries: [10] } });
	meter.createObservableGauge('shop.queue').addCallback((result) => result.observe(7));
	const collect = async (reader: ManualReader) => {
		const { resourceMetrics } = await reader.collect();
		return resourceMetrics.scopeMetrics[0]!.metrics.map(({ dataPoints }) =>
			dataPoints.map(({ attributes, startTime, value }) => ({ attributes, startTime, value }))
		);
	};
	let last: unknown;
	for (let interval = 0; interval < 50; interval++) {
		visits.add(1, { page: interval % 3 });
		prices.record(interval, { page: interval % 3 });
		last = await collect(asked);
	}
	expect(countUnreported(idle)).toEqual([1, 1, 1]);
	expect(await collect(idle)).toEqual(last);
	expect(countUnreported(idle)).toEqual([0, 0, 0]);
});

/** For each instrument, what the SDK keeps for the reader until it is asked. */
function countUnreported(reader: ManualReader): number[] {
	interface Storage {
		_temporalMetricStorage: { _unreportedAccumulations: Map<object, unknown[]> };
	}
	const { _sdkMetricProducer: collector } = reader as unknown as {
		_sdkMetricProducer: {
			_sharedState: {
				meterSharedStates: Map<
					string,
					{ metricStorageRegistry: { getStorages(collector: object): Storage[] } }
				>;
			};
		};
	};
	return [...collector._sharedState.meterSharedStates.values()]
		.flatMap(({ metricStorageRegistry }) => metricStorageRegistry.getStorages(collector))
		.map((storage) => storage._temporalMetricStorage._unreportedAccumulations.get(collector)!.length);
}

/** The values of each export. */
function createPeriodic(intervalMs: number) {
	const sent: unknown[] = [];
	const send = async ({ scopeMetrics }: ResourceMetrics): Promise<void> => {
		sent.push(scopeMetrics[0]!.metrics.map(({ dataPoints }) => dataPoints[0]!.value));
	};
	return { sent, ...create(new PeriodicReader(send, { intervalMs, timeoutMs: 30_000 })) };
}

test('a callback that does not return holds up neither the last export nor the process', async () => {
	const { sent, reader, meter } = createPeriodic(60_000);
	meter.createObservableGauge('shop.stuck').addCallback(() => new Promise(() => {}));
	meter.createCounter('shop.orders').add(3);
	const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
	const before = timers();
	for (let flush = 0; flush < 3; flush++) await reader.flush();
	expect(sent).toEqual([[3], [3], [3]]);
	expect(timers()).toBeLessThanOrEqual(before);
	expect(lines).toEqual([expect.stringContaining('has not returned after 1 s')]);
});

test('a callback that fails costs only its own values, in each export, and one line says so', async () => {
	const { sent, reader, meter } = createPeriodic(10);
	meter.createObservableGauge('shop.broken').addCallback(() => Promise.reject(new Error('no value')));
	meter.createObservableGauge('shop.queue').addCallback((result) => result.observe(7));
	await expect.poll(() => sent.length).toBeGreaterThan(1);
	await reader.flush();
	await reader.stop();
	expect(new Set(sent.map(String))).toEqual(new Set(['7']));
	expect(lines).toEqual([expect.stringContaining('metrics collection errors no value')]);
});

test('an attribute that Prometheus does not support does not affect other metrics', async () => {
	const { reader, meter } = create();
	(meter.createCounter('shop.orders') as Counter).add(1, { x: Symbol('x') as never });
	meter.createCounter('shop.visits').add(2);
	const { resourceMetrics } = await reader.collect();
	const text = createSerializer()(resourceMetrics);
	expect(text).toMatch(/^shop_visits_total\{.*\} 2$/m);
	expect(text).not.toContain('shop_orders');
	expect(lines.join('')).toContain('a metric cannot be written for Prometheus');
});

test('views that are not valid are left out in one line each', () => {
	const valid = { instrumentName: 'shop.orders', aggregation: { type: AggregationType.DROP } } as const;
	expect(keepValid([{}, valid, { instrumentName: 'x', aggregation: { type: 99 } } as never], 'FILE')).toEqual(
		[valid]
	);
	expect(lines).toEqual([
		expect.stringContaining('views[0] of FILE is not valid ('),
		expect.stringContaining('views[2] of FILE is not valid (')
	]);
});

test('a reader of the app that fails does not affect other readers', async () => {
	const fail = (): never => {
		throw new Error('broken');
	};
	const broken = {
		setMetricProducer: fail,
		selectAggregation: () => ({}),
		collect: fail,
		forceFlush: fail,
		shutdown: fail
	};
	const [reader] = guardReaders([broken as never]);
	const own = new ManualReader();
	const provider = new MeterProvider({ readers: [reader!, own] });
	provider.getMeter('shop').createCounter('shop.orders').add(1);
	const { resourceMetrics } = await own.collect();
	expect(resourceMetrics.scopeMetrics[0]!.metrics).toHaveLength(1);
	await reader!.forceFlush();
	await reader!.shutdown();
	expect(lines.join('')).toContain(
		'`metricReaders[0].setMetricProducer` of src/instrumentation.server has failed'
	);
	expect(lines.join('')).toContain('it has returned no aggregation of @opentelemetry/sdk-metrics 2 or later');
});

test('a reader of version 1 of the SDK, with its default aggregation, works without a message', async () => {
	// as in 1.30.1, whose peer range does not include the API of today
	class DefaultAggregation {
		_resolve(): this {
			return this;
		}
		createAggregator(): void {}
	}
	const own = new ManualReader();
	const older = {
		setMetricProducer: (producer: MetricProducer) => own.setMetricProducer(producer),
		selectAggregation: () => new DefaultAggregation()
	};
	const provider = new MeterProvider({ readers: guardReaders([older as never]) });
	provider.getMeter('shop').createCounter('shop.orders').add(2);
	const { resourceMetrics } = await own.collect();
	expect(resourceMetrics.scopeMetrics[0]!.metrics[0]!.dataPoints[0]!.value).toBe(2);
	expect(lines).toEqual([]);
});

test('a meter provider of the app stays, and one line says so; one of ours can be removed', () => {
	const own = new MeterProvider();
	metrics.setGlobalMeterProvider(own);
	registerMeters(new SafeMeterProvider(new MeterProvider()))();
	expect(metrics.getMeterProvider()).toBe(own);
	expect(lines).toEqual([expect.stringContaining('another meter provider is already registered')]);

	metrics.disable();
	const first = new SafeMeterProvider(new MeterProvider());
	const second = new SafeMeterProvider(new MeterProvider());
	const remove = registerMeters(first);
	expect(metrics.getMeterProvider()).toBe(first);
	remove();
	registerMeters(second);
	expect(metrics.getMeterProvider()).toBe(second);
	expect(lines).toHaveLength(1);
});

test("the registered provider flushes and shuts down, as the SDK's does", async () => {
	const reader = new ManualReader();
	const calls = [vi.spyOn(reader, 'forceFlush'), vi.spyOn(reader, 'shutdown')];
	const provider = new SafeMeterProvider(new MeterProvider({ readers: [reader] }));
	await provider.forceFlush();
	await provider.shutdown();
	for (const call of calls) expect(call).toHaveBeenCalledTimes(1);
});
