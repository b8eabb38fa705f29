import { diag } from '@opentelemetry/api';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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
	intervalMs = 60_000,
	timeoutMs = intervalMs
) {
	const { reader, signal } = await createOtlpReader(
		otlpMetrics(receiver.url, { intervalMs, timeoutMs, temporality }),
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

test('at process.exit(), data that cannot be encoded is told before the end', async () => {
	const { add, signal } = await measure('delta');
	add();
	vi.spyOn(ProtobufMetricsSerializer, 'serializeRequest').mockImplementation(() => {
		throw new Error('no string');
	});
	const [leftover] = signal.drain();
	expect(lines).toEqual([
		expect.stringMatching(/does not accept data points: no string\. 3 data points lost so far\./)
	]);
	expect(leftover!.health).toMatchObject({ failing: true, lost: 3 });
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

describe.each(['delta', 'lowmemory'] as const)(
	'%s: while a collection waits for a callback',
	(temporality) => {
		/** Seven data points of two meters, and the collection of an interval that waits for a callback. */
		async function measureStuck() {
			const { signal, provider, meter, add } = await measure(temporality, undefined, 50, 60_000);
			const isCalled = Promise.withResolvers<void>();
			meter.createObservableGauge('shop.stuck').addCallback(() => {
				isCalled.resolve();
				return new Promise(() => {});
			});
			const requests = provider.getMeter('server').createHistogram('server.requests');
			for (let route = 0; route < 4; route++) requests.record(1, { route });
			add();
			await isCalled.promise;
			await delay(0);
			return signal;
		}

		test('a flush exports all deltas', async () => {
			const signal = await measureStuck();
			await signal.flush();
			expect(receiver.points).toHaveLength(7);
			expect(lines).toEqual([expect.stringContaining('has not returned after 1 s')]);
			await signal.close();
			expect(lines).toHaveLength(1);
		});

		test('the end without a flush exports all deltas', async () => {
			const signal = await measureStuck();
			expect(signal.drain()[0]!.batches.map(({ count }) => count)).toEqual([7]);
			await signal.close();
		});

		test('closing before the flush is done counts all deltas as lost', async () => {
			const signal = await measureStuck();
			void signal.flush();
			await delay(0);
			await signal.close();
			expect(lines).toEqual([
				expect.stringContaining('has not accepted everything: 7 data points lost in all')
			]);
		});
	}
);

test('an export is cut off by one limit, whose failure is one line', async () => {
	setDiagnostics();
	try {
		const { signal, add } = await measure('cumulative', undefined, 300);
		receiver.respond = () => ({ delayMs: 60_000 });
		add();
		await expect.poll(() => lines.length).toBeGreaterThan(0);
		await expect.poll(() => receiver.requests.length).toBeGreaterThan(2);
		await signal.close();
		expect(lines).toEqual([
			expect.stringContaining('does not accept data points: no answer within'),
			expect.stringContaining('has not accepted everything')
		]);
	} finally {
		diag.disable();
	}
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
