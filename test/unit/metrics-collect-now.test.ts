import { AggregationTemporality, MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { collectNow, countPoints } from '../../files/metrics/collect-now.ts';
import { ManualReader } from './support/manual-reader.ts';

test('a synchronous collection returns what a reader collects, and the last value of observables', async () => {
	const reader = new ManualReader({
		aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE
	});
	const provider = new MeterProvider({ readers: [reader] });
	const meter = provider.getMeter('app');
	meter.createCounter('orders').add(2, { kind: 'book' });
	meter.createHistogram('wait').record(0.3);
	meter.createObservableGauge('queue').addCallback((result) => result.observe(7));

	const { resourceMetrics } = await reader.collect();
	meter.createCounter('orders').add(3, { kind: 'book' });
	const last = collectNow(reader)!;

	expect(countPoints(last)).toBe(3);
	const values = (metrics: typeof last) =>
		metrics.scopeMetrics.flatMap(({ metrics: each }) =>
			each.map(({ descriptor, dataPoints }) => [
				descriptor.name,
				dataPoints[0]!.attributes,
				dataPoints[0]!.value
			])
		);
	const expected = values(resourceMetrics);
	expected[0]![2] = 5;
	expect(values(last)).toEqual(expected);
});

test('without measurements there is nothing to send', () => {
	const reader = new ManualReader();
	expect(collectNow(reader)).toBeUndefined();
	void new MeterProvider({ readers: [reader] });
	expect(collectNow(reader)).toBeUndefined();
});
