import {
	type BatchObservableCallback,
	type Logger,
	type ObservableCallback,
	createNoopLogger
} from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, test, vi } from 'vitest';
import { CurrentLoggerProvider } from '../../files/dev/current.ts';
import { CurrentMeterProvider } from '../../files/dev/current-meters.ts';
import { SafeMeterProvider } from '../../files/metrics/safe-meters.ts';
import { ManualReader } from './support/manual-reader.ts';

/** Telemetry that has started. */
function start() {
	const reader = new ManualReader();
	const provider = new SafeMeterProvider(new MeterProvider({ readers: [reader] }));
	/** The value of each instrument: of a histogram, the number of its measurements. */
	const values = async (): Promise<Record<string, unknown>> =>
		Object.fromEntries(
			(await reader.collect()).resourceMetrics.scopeMetrics
				.flatMap(({ metrics }) => metrics)
				.map(({ descriptor, dataPoints: [point] }) => [
					descriptor.name,
					typeof point!.value === 'object' ? (point!.value as { count: number }).count : point!.value
				])
		);
	return { provider, values };
}

test('instruments that were created once measure with what was started last', async () => {
	const current = new CurrentMeterProvider();
	const early = current.getMeter('shop').createCounter('early');
	early.add(1);
	const first = start();
	current.current = first.provider;
	const meter = current.getMeter('shop', '1');
	const sold = meter.createCounter('sold');
	const open = meter.createUpDownCounter('open');
	const wait = meter.createHistogram('wait');
	const price = meter.createGauge('price');
	const measure = (): void => {
		early.add(1);
		sold.add(2, { kind: 'book' });
		open.add(-1);
		wait.record(0.3);
		price.record(9);
	};
	const measured = { early: 1, sold: 2, open: -1, wait: 1, price: 9 };
	measure();
	expect(await first.values()).toEqual(measured);

	current.current = undefined;
	measure();
	const second = start();
	current.current = second.provider;
	measure();
	expect(await second.values()).toEqual(measured);
	expect(await first.values()).toEqual(measured);
});

test('callbacks observe for what was started last, until they are removed', async () => {
	const current = new CurrentMeterProvider();
	const first = start();
	current.current = first.provider;
	const meter = current.getMeter('shop');
	const queue = meter.createObservableGauge('queue');
	const visits = meter.createObservableCounter('visits');
	const stock = meter.createObservableUpDownCounter('stock');
	const observeQueue = vi.fn<ObservableCallback>((result) => result.observe(7));
	const observeBoth: BatchObservableCallback = (result) => {
		result.observe(visits, 3);
		result.observe(stock, 4);
	};
	queue.addCallback(observeQueue);
	queue.addCallback(observeQueue);
	meter.addBatchObservableCallback(observeBoth, [visits, stock]);
	const observed = { queue: 7, visits: 3, stock: 4 };
	expect(await first.values()).toEqual(observed);
	expect(observeQueue).toHaveBeenCalledTimes(1);

	const second = start();
	current.current = second.provider;
	expect(await second.values()).toEqual(observed);

	meter.removeBatchObservableCallback(observeBoth, [stock, visits]);
	const third = start();
	current.current = third.provider;
	expect(await third.values()).toEqual({ queue: 7 });
	queue.removeCallback(observeQueue);
	await third.values();
	expect(observeQueue).toHaveBeenCalledTimes(3);
});

test('the app can flush and shut down what was started last', async () => {
	const current = new CurrentMeterProvider();
	await current.forceFlush();
	await current.shutdown();
	const { provider } = start();
	const calls = [vi.spyOn(provider, 'forceFlush'), vi.spyOn(provider, 'shutdown')];
	current.current = provider;
	await current.forceFlush();
	await current.shutdown();
	for (const call of calls) expect(call).toHaveBeenCalledTimes(1);
});

test('loggers that were created once log to what was started last', () => {
	const current = new CurrentLoggerProvider();
	const logger = current.getLogger('shop');
	logger.emit({ body: 'early' });
	expect(logger.enabled()).toBe(false);
	const bodies = ['first', 'second'].map((name) => {
		const emit = vi.fn<Logger['emit']>();
		current.current = { getLogger: () => ({ ...createNoopLogger(), emit, enabled: () => true }) };
		logger.emit({ body: name });
		expect(logger.enabled()).toBe(true);
		return emit.mock.calls;
	});
	current.current = undefined;
	logger.emit({ body: 'late' });
	expect(bodies).toEqual([[[{ body: 'first' }]], [[{ body: 'second' }]]]);
});
