import {
	MeterProvider,
	PeriodicExportingMetricReader,
	InMemoryMetricExporter
} from '@opentelemetry/sdk-metrics';
import { expect, test, vi } from 'vitest';
import { rememberHashes } from '../../files/metrics/attribute-hashes.ts';
import { AttributeSets } from '../../files/metrics/attribute-sets.ts';

test('the hash of frozen attributes is calculated once, that of others at each call', () => {
	const calculate = vi.fn<(attributes: object) => string>(JSON.stringify);
	const hash = rememberHashes(calculate);
	const frozen = Object.freeze({ a: 1 });
	expect([hash(frozen), hash(frozen), hash({ a: 1 })]).toEqual(['{"a":1}', '{"a":1}', '{"a":1}']);
	expect(calculate).toHaveBeenCalledTimes(2);

	const changing = { a: 1 };
	expect(hash(changing)).toBe('{"a":1}');
	changing.a = 2;
	expect(hash(changing)).toBe('{"a":2}');
	const list = ['a'];
	const around = Object.freeze({ list });
	expect(hash(around as never)).toBe('{"list":["a"]}');
	list.push('b');
	expect(hash(around as never)).toBe('{"list":["a","b"]}');
	expect(hash('text' as never)).toBe('"text"');
});

test('frozen attributes, and equal ones of the app in another order, are one time series', async () => {
	const exporter = new InMemoryMetricExporter(0);
	const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
	const provider = new MeterProvider({ readers: [reader] });
	const counter = provider.getMeter('unit').createCounter('count');
	const frozen = Object.freeze({ a: 1, b: 2 });
	counter.add(1, frozen);
	counter.add(1, frozen);
	counter.add(1, { b: 2, a: 1 });
	await provider.forceFlush();
	const [{ dataPoints } = { dataPoints: [] }] = exporter.getMetrics()[0]!.scopeMetrics[0]!.metrics;
	expect(dataPoints.map(({ value }) => value)).toEqual([3]);
});

test('there is one object for each set of attributes, for as many sets as there are time series', () => {
	const sets = new AttributeSets();
	const create = (key: string): object => sets.get(key, () => ({ key }));
	expect(create('a')).toBe(create('a'));
	expect(Object.isFrozen(create('a'))).toBe(true);
	for (let index = 0; index < 2000; index++) create(`set ${index}`);
	expect(create('one more')).toEqual({ key: 'one more' });
	expect(create('one more')).not.toBe(create('one more'));
	expect(create('a')).toBe(create('a'));
});
