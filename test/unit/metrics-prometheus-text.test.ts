import type { Attributes } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { setDiagnostics } from '../../files/diagnostics/sdk-diagnostics.ts';
import { createSerializer } from '../../files/metrics/prometheus-text.ts';
import { hostileAttributes, measureHostile } from '../support/hostile-meter.ts';
import { parsePrometheus } from './support/prometheus-parser.ts';
import { captureStderr } from './support/stderr.ts';
import { ManualReader } from './support/manual-reader.ts';

const lines = captureStderr();

beforeEach(() => {
	setDiagnostics();
});

const create = (resource: Attributes = {}) => {
	const reader = new ManualReader();
	const provider = new MeterProvider({ readers: [reader], resource: resourceFromAttributes(resource) });
	const serialize = createSerializer();
	return {
		meter: provider.getMeter('app'),
		scrape: async () => parsePrometheus(serialize((await reader.collect()).resourceMetrics))
	};
};

/** The labels of what a counter has counted once. */
const labelsOf = async (attributes: Attributes): Promise<Record<string, string>> => {
	const { meter, scrape } = create();
	meter.createCounter('logins').add(1, attributes);
	const { labels } = (await scrape()).find(({ name }) => name === 'logins_total')!;
	expect(labels['otel_scope_name']).toBe('app');
	delete labels['otel_scope_name'];
	return labels;
};

describe('an attribute becomes a label', () => {
	test.each<[Attributes, Record<string, string>]>([
		[
			{ 'user.id': 1, ok: true },
			{ ok: 'true', user_id: '1' }
		],
		[{ '2fa': true }, { key_2fa: 'true' }],
		[
			{ _id: 1, '.kind': 2 },
			{ _id: '1', _kind: '2' }
		],
		// Prometheus reserves names that begin with two underscores
		[
			{ __reserved__name__: 1, __name__: 2 },
			{ _reserved_name_: '1', _name_: '2' }
		],
		[{ user_id: 2, 'user.id': 1 }, { user_id: '1;2' }],
		[{ 'a.b': 'p', a_b: ['q'], 'a-b': 'o' }, { a_b: 'o;p;["q"]' }],
		[
			{ 'a..b': 1, __a: 1, 'a:b': 1 },
			{ _a: '1', a_b: '1;1' }
		],
		[{ '': 'x' }, { _: 'x' }],
		[{ 日本: 'x', é: 'y' }, { _: 'y;x' }],
		[{ 'otel.scope.name': 'x' }, { exported_otel_scope_name: 'x' }],
		[{ otel_scope_version: 'x', exported_otel_scope_version: 'w' }, { exported_otel_scope_version: 'w;x' }],
		// only a histogram has bounds
		[
			{ le: 'x', quantile: 'y' },
			{ le: 'x', quantile: 'y' }
		],
		[{ text: 'a "b" \\ \n \ud800' }, { text: 'a "b" \\ \n \ud800' }],
		[{ empty: '' }, {}]
	])('%j is %j', async (attributes, labels) => {
		expect(await labelsOf(attributes)).toEqual(labels);
	});

	test('le of a histogram is renamed: its buckets have that label', async () => {
		const { meter, scrape } = create();
		meter.createHistogram('wait', { advice: { explicitBucketBoundaries: [1] } }).record(2, { le: 'x' });
		const series = (await scrape()).filter(({ name }) => name.startsWith('wait'));
		expect(series.map(({ labels }) => labels['exported_le'])).toEqual(['x', 'x', 'x', 'x']);
		expect(series.map(({ labels }) => labels['le'])).toEqual([undefined, undefined, '1', '+Inf']);
	});

	test('also one of the resource', async () => {
		const { scrape } = create({ 'k8s.pod.name': 'a', k8s_pod_name: 'b', '1st': 'c', le: 'd' });
		expect(await scrape()).toEqual([
			{ name: 'target_info', labels: { k8s_pod_name: 'a;b', key_1st: 'c', le: 'd' }, value: 1 }
		]);
	});
});

test('what is one time series for Prometheus is there once, and one line for each metric says so', async () => {
	vi.useFakeTimers({ toFake: ['performance'] });
	onTestFinished(() => void vi.useRealTimers());
	const { meter, scrape } = create();
	const logins = meter.createCounter('logins');
	for (const id of [1, '1']) logins.add(1, { id });
	logins.add(2, { kind: '' });
	logins.add(3);
	// a gauge, whose name ends like a time series of a histogram
	const gauge = meter.createGauge('open.count');
	const wait = meter.createHistogram('wait', { unit: 's' });
	for (const id of [1, '1', [1], '[1]']) {
		gauge.record(1, { id });
		wait.record(1, { id });
	}
	const names = (await scrape()).map(({ name }) => name);
	expect(names.filter((name) => name === 'logins_total')).toHaveLength(2);
	expect(names.filter((name) => name === 'wait_seconds_count')).toHaveLength(2);
	// the SDK's diagnostics repeat a message after a minute
	vi.advanceTimersByTime(61_000);
	await scrape();
	expect(lines).toEqual(
		['logins_total', 'open_count', 'wait_seconds'].map((name) =>
			expect.stringContaining(`two time series of ${name} have the same labels in Prometheus`)
		)
	);
});

test("an instrument with the name of the resource's metric does not replace it", async () => {
	const { meter, scrape } = create({ 'service.name': 'shop' });
	meter.createHistogram('target.info').record(1);
	const series = await scrape();
	expect(series.filter(({ name }) => name === 'target_info')).toHaveLength(1);
	expect(series.map(({ name }) => name)).toContain('exported_target_info_count');
});

test('a description that is not a string does not lose the metric', async () => {
	const { meter, scrape } = create();
	meter.createCounter('logins', { description: 1 as never }).add(1);
	expect((await scrape()).map(({ name }) => name)).toContain('logins_total');
});

test('nothing measured is a scrape as well', async () => {
	const { meter, scrape } = create();
	meter.createCounter('logins');
	expect((await scrape()).map(({ name }) => name)).toEqual(['target_info']);
});

test.each(Array.from({ length: 40 }, (_, seed) => seed + 1))(
	'names, attributes and texts of any kind are a valid scrape: %i',
	async (seed) => {
		const { meter, scrape } = create(hostileAttributes[seed % hostileAttributes.length]);
		measureHostile(meter, seed);
		expect((await scrape()).length).toBeGreaterThan(50);
	}
);
