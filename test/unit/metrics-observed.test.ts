import type { ObservableResult } from '@opentelemetry/api';
import { MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { collectNow } from '../../files/metrics/collect-now.ts';
import { ManualReader } from './support/manual-reader.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** By instrument and kind, the values that are exported. */
const valuesOf = (metrics: ResourceMetrics): Record<string, unknown> =>
	Object.fromEntries(
		metrics.scopeMetrics
			.flatMap((scope) => scope.metrics)
			.flatMap(({ descriptor, dataPoints }) =>
				dataPoints.map(({ attributes, value }) => [`${descriptor.name} ${attributes['kind']}`, value])
			)
	);

/** Totals of a reader, each collection later than the one before. */
function create() {
	const reader = new ManualReader();
	const meter = new MeterProvider({ readers: [reader] }).getMeter('shop');
	const collect = async (timeoutMillis?: number): Promise<Record<string, unknown>> => {
		vi.advanceTimersByTime(10);
		const collected = reader.collect(timeoutMillis ? { timeoutMillis } : {});
		if (timeoutMillis) await vi.advanceTimersByTimeAsync(timeoutMillis);
		return valuesOf((await collected).resourceMetrics);
	};
	return { reader, meter, collect };
}

test('what is no longer observed is no longer exported, and counts on when it comes back', async () => {
	const { meter, collect } = create();
	let kinds = ['book', 'cd'];
	let total = 0;
	const observe = (result: ObservableResult): void => {
		total += 5;
		for (const kind of kinds) result.observe(total, { kind });
	};
	meter.createObservableCounter('sold').addCallback(observe);
	meter.createCounter('orders').add(1, { kind: 'cd' });
	expect(await collect()).toEqual({ 'sold book': 5, 'sold cd': 5, 'orders cd': 1 });
	kinds = ['book'];
	expect(await collect()).toEqual({ 'sold book': 10, 'orders cd': 1 });
	kinds = [];
	expect(await collect()).toEqual({ 'orders cd': 1 });
	kinds = ['book', 'cd'];
	expect(await collect()).toEqual({ 'sold book': 20, 'sold cd': 20, 'orders cd': 1 });
});

test('the values of a callback that fails, or does not return, are not exported as current', async () => {
	const { meter, collect } = create();
	let end = async (): Promise<void> => {};
	meter.createObservableGauge('queue').addCallback(async (result) => {
		await end();
		result.observe(7);
	});
	meter.createObservableGauge('load').addCallback((result) => result.observe(1));
	const both = { 'queue undefined': 7, 'load undefined': 1 };
	expect(await collect()).toEqual(both);
	end = () => Promise.reject(new Error('no value'));
	expect(await collect()).toEqual({ 'load undefined': 1 });
	end = () => new Promise(() => {});
	expect(await collect(1000)).toEqual({ 'load undefined': 1 });
	end = async () => {};
	expect(await collect()).toEqual(both);
});

test('two collections at the same time both have all values', async () => {
	const { meter, collect } = create();
	const release: (() => void)[] = [];
	meter.createObservableGauge('queue').addCallback(async (result) => {
		await new Promise<void>((resolve) => release.push(resolve));
		result.observe(7);
	});
	meter.createObservableGauge('load').addCallback((result) => result.observe(1));
	const collections = [collect(), collect()];
	const both = { 'queue undefined': 7, 'load undefined': 1 };
	for (const [index, collection] of collections.entries()) {
		release[index]!();
		expect(await collection).toEqual(both);
	}
});

test('the synchronous collection has what was observed since a time, or ever', async () => {
	const { reader, meter, collect } = create();
	let kinds = ['book', 'cd'];
	meter.createObservableGauge('stock').addCallback((result) => {
		for (const kind of kinds) result.observe(3, { kind });
	});
	await collect();
	kinds = ['book'];
	vi.advanceTimersByTime(10);
	const since = Date.now();
	await reader.collect();
	expect(valuesOf(collectNow(reader, [Math.floor(since / 1000), (since % 1000) * 1e6])!)).toEqual({
		'stock book': 3
	});
	expect(valuesOf(collectNow(reader)!)).toEqual({ 'stock book': 3, 'stock cd': 3 });
});
