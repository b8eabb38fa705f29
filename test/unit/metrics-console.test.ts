import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createConsoleReader } from '../../files/metrics/console-metrics.ts';

const INTERVAL_MS = 1000;

let written: string[];

beforeEach(() => {
	vi.useFakeTimers();
	written = [];
	vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
});

afterEach(() => {
	vi.restoreAllMocks();
	vi.useRealTimers();
});

/** What has been written since the last call: name and value. */
const writtenNow = (): string[] =>
	written.splice(0).map((text) => {
		const { name, value } = JSON.parse(text) as { name: string; value: number };
		return `${name} ${value}`;
	});

test('an interval writes all values, and the end of the process only those that have changed', async () => {
	const { reader, signal } = createConsoleReader({ intervalMs: INTERVAL_MS, timeoutMs: INTERVAL_MS });
	const provider = new MeterProvider({ readers: [reader] });
	const orders = provider.getMeter('shop').createCounter('orders');
	orders.add(1);
	// of another meter, with a name that is taken
	const others = provider.getMeter('bar').createCounter('orders');
	others.add(2);
	provider.getMeter('shop').createCounter('visits').add(3);
	const all = ['orders 1', 'visits 3', 'orders 2'];

	for (let interval = 0; interval < 2; interval++) {
		await vi.advanceTimersByTimeAsync(INTERVAL_MS);
		expect(writtenNow()).toEqual(all);
	}
	await signal.flush();
	expect(writtenNow()).toEqual([]);
	// the last request is over a while after the signal to stop
	orders.add(1);
	await signal.flush();
	expect(writtenNow()).toEqual(['orders 2']);
	await vi.advanceTimersByTimeAsync(INTERVAL_MS);
	expect(writtenNow()).toEqual(['orders 2', 'visits 3', 'orders 2']);
	await signal.flush();
	others.add(1);
	signal.drain();
	expect(writtenNow()).toEqual(['orders 3']);
	await signal.close();
	signal.drain();
	expect(writtenNow()).toEqual([]);
});

test('what was never written is written at the end of the process, once', async () => {
	const { reader, signal } = createConsoleReader({ intervalMs: INTERVAL_MS, timeoutMs: INTERVAL_MS });
	const meter = new MeterProvider({ readers: [reader] }).getMeter('shop');
	meter.createCounter('orders').add(1);
	meter.createObservableGauge('queue').addCallback((result) => result.observe(7));
	await signal.flush();
	await signal.flush();
	signal.drain();
	expect(writtenNow()).toEqual(['orders 1', 'queue 7']);
});
