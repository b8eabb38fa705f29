import { MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PeriodicReader } from '../../files/metrics/periodic-reader.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const INTERVAL_MS = 60;
/** How long the collector takes. */
const SEND_MS = 40;

/** A reader with one counter, and what it has sent. */
function create() {
	const sent: ResourceMetrics[] = [];
	let inProgress = 0;
	const send = async (metrics: ResourceMetrics): Promise<void> => {
		inProgress++;
		sent.push(metrics);
		await new Promise((resolve) => setTimeout(resolve, SEND_MS));
		inProgress--;
	};
	const reader = new PeriodicReader(send, { intervalMs: INTERVAL_MS, timeoutMs: 1000 });
	const meter = new MeterProvider({ readers: [reader] }).getMeter('shop');
	meter.createCounter('orders').add(1);
	return { reader, meter, sent, inProgress: () => inProgress };
}

test('an interval that ends while a flush is in progress exports nothing', async () => {
	const { reader, sent, inProgress } = create();
	await vi.advanceTimersByTimeAsync(INTERVAL_MS - SEND_MS / 2);
	const flushed = reader.flush();
	await vi.advanceTimersByTimeAsync(SEND_MS);
	await flushed;
	// an export now would be aborted by the exit of the process, and logged as lost
	expect([sent.length, inProgress()]).toEqual([1, 0]);
	await vi.advanceTimersByTimeAsync(INTERVAL_MS);
	expect(sent).toHaveLength(2);
});

test('an interval leaves its export to a flush that begins while it waits for callbacks', async () => {
	const { reader, meter, sent, inProgress } = create();
	let isSlow = true;
	meter.createObservableGauge('queue').addCallback(async (result) => {
		const slow = isSlow;
		isSlow = false;
		if (slow) await new Promise((resolve) => setTimeout(resolve, 2 * SEND_MS));
		result.observe(1);
	});
	await vi.advanceTimersByTimeAsync(INTERVAL_MS);
	const flushed = reader.flush();
	await vi.advanceTimersByTimeAsync(2 * SEND_MS);
	await flushed;
	await vi.advanceTimersByTimeAsync(1);
	expect(sent).toHaveLength(1);
	expect(inProgress()).toBe(0);
});
