import { diag } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { OtlpMetricsSettings } from '../../files/config/metrics.ts';
import { setDiagnostics } from '../../files/diagnostics/sdk-diagnostics.ts';
import type { Exemplars } from '../../files/metrics/exemplars.ts';
import { createOtlpReader } from '../../files/metrics/otlp-metrics.ts';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { captureStderr } from './support/stderr.ts';
import { otlpMetrics } from './support/otlp-metrics.ts';

let receiver: Receiver;
const lines = captureStderr();

beforeEach(async () => {
	receiver = await startReceiver();
});
afterEach(async () => {
	await receiver.stop();
});

/** Three series of a counter, which are sent whenever the reader is flushed. */
async function measure(
	temporality: OtlpMetricsSettings['temporality'],
	exemplars?: Exemplars,
	intervalMs = 60_000
) {
	const { reader, signal } = await createOtlpReader(
		otlpMetrics(receiver.url, { intervalMs, timeoutMs: intervalMs, temporality }),
		'test',
		exemplars
	);
	const provider = new MeterProvider({ readers: [reader] });
	const meter = provider.getMeter('shop');
	const orders = meter.createCounter('shop.orders');
	const add = (): void => ['book', 'cd', 'toy'].forEach((kind) => orders.add(1, { kind }));
	const flush = (): Promise<void> => {
		add();
		return signal.flush();
	};
	return { signal, provider, meter, add, flush };
}

test('the exemplars of an export are those since the one before', async () => {
	const attach = vi.fn<(metrics: unknown, sinceMs: number) => void>();
	const { flush, signal } = await measure('cumulative', { attach } as unknown as Exemplars);
	const startedMs = Date.now();
	await flush();
	await flush();
	await signal.close();
	const [first, second] = attach.mock.calls.map(([, sinceMs]) => sinceMs);
	expect(first).toBe(0);
	expect(second).toBeGreaterThanOrEqual(startedMs);
});

test('with cumulative totals, a failed export loses nothing, because the next one contains its data', async () => {
	const { signal, flush } = await measure('cumulative');
	receiver.respond = () => ({ status: 400 });
	for (let i = 0; i < 3; i++) await flush();
	receiver.respond = undefined;
	await flush();
	expect(receiver.points.map(({ value }) => value)).toEqual([4, 4, 4]);
	await signal.close();
	expect(lines).toEqual([
		expect.stringMatching(
			/does not accept data points: [^.]*\. Measuring continues, and the next export contains the totals; the app is not affected\n$/
		),
		expect.stringContaining('accepts data points again; 0 data points lost meanwhile')
	]);
});

test('with cumulative totals, only the last failed export counts as lost', async () => {
	const { signal, flush } = await measure('cumulative');
	receiver.respond = () => ({ status: 400 });
	for (let i = 0; i < 3; i++) await flush();
	await signal.close();
	expect(lines.at(-1)).toContain('has not accepted everything: 3 data points lost in all');
});

test('with deltas, each failed export is lost', async () => {
	const { signal, flush } = await measure('delta');
	receiver.respond = () => ({ status: 400 });
	for (let i = 0; i < 3; i++) await flush();
	await signal.close();
	expect(lines.at(-1)).toContain('has not accepted everything: 9 data points lost in all');
});

test('at process.exit(), totals are sent once, and deltas together with those in progress', async () => {
	for (const [temporality, sent] of [
		['cumulative', [3]],
		['delta', [3, 3]]
	] as const) {
		const { signal, add, flush } = await measure(temporality);
		receiver.respond = () => ({ status: 503 });
		const flushed = flush();
		// it waits for the next attempt then
		await expect.poll(() => lines.join('')).toContain('does not accept data points');
		add();
		const [leftover] = signal.drain();
		expect(leftover!.batches.map(({ count }) => count)).toEqual(sent);
		await signal.close();
		await flushed;
		receiver.reset();
		lines.length = 0;
	}
});

test('closing does not wait for a callback that does not return, and logs what was lost', async () => {
	const { signal, meter, flush } = await measure('cumulative');
	receiver.respond = () => ({ status: 400 });
	meter.createObservableGauge('shop.stuck').addCallback(() => new Promise(() => {}));
	await flush();
	// a collection still waits for the callback, for up to a minute
	await signal.close();
	expect(lines.at(-1)).toContain('has not accepted everything: 3 data points lost in all');
});

const INTERVAL_MS = 1000;

test('nothing is collected or logged after the end', async () => {
	setDiagnostics();
	try {
		for (const end of ['close', 'shutdown'] as const) {
			// the timeout is as long: a shorter one is exceeded on a busy machine, which is logged
			const { signal, provider, meter, flush } = await measure('cumulative', undefined, INTERVAL_MS);
			const queue = vi.fn<() => void>();
			meter.createObservableGauge('shop.queue').addCallback(queue);
			await flush();
			expect(queue).toHaveBeenCalled();
			await (end === 'close' ? signal.close() : provider.shutdown());
			queue.mockClear();
			await flush();
			await delay(INTERVAL_MS + 100);
			expect(queue).not.toHaveBeenCalled();
		}
		expect(lines).toEqual([]);
	} finally {
		diag.disable();
	}
});
