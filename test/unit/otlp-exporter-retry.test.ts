import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ExportHealth } from '../../files/otlp/export-health.ts';
import { wordingOfSpans } from '../../files/traces/wording.ts';
import { type Exported, OtlpExporter } from '../../files/otlp/otlp-exporter.ts';
import { type Attempt, ShutdownError } from '../../files/otlp/attempt.ts';
import type { Transport } from '../../files/otlp/transport.ts';
import { createTarget } from './support/export-target.ts';

/*
 * When an export is tried again, on a clock that the tests turn: `otlp-exporter.test.ts` has real collectors.
 */
const success: Attempt = { outcome: 'success', body: new Uint8Array() };
const unavailable: Attempt = { outcome: 'retryable', error: new Error('it answers 503') };
const askForPause = (retryAfterMs: number): Attempt => ({ ...unavailable, retryAfterMs });

/** Milliseconds since the start of the test. */
const now = (): number => performance.now();

beforeEach(() => {
	vi.useFakeTimers({ now: 0 });
	vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

afterEach(() => {
	vi.restoreAllMocks();
	vi.useRealTimers();
});

/**
 * An exporter whose attempts end at once with these answers; the last answer is repeated.
 *
 * @param answers of the collector, one after the other
 */
function createExporter(answers: Attempt[], timeoutMs: number) {
	const startedAt = now();
	const attempts: { at: number; timeoutMs: number }[] = [];
	const transport: Transport = {
		send: async (_body, limitMs) => {
			attempts.push({ at: now() - startedAt, timeoutMs: limitMs });
			return answers[Math.min(attempts.length, answers.length) - 1]!;
		},
		isSent: () => false,
		destroy: () => {}
	};
	const health = new ExportHealth(createTarget(), wordingOfSpans(2048));
	const exporter = new OtlpExporter(() => ({ rejected: 1, message: '' }), transport, timeoutMs, health);
	/** Exports once; resolves with the result and when it was there. */
	const send = async (): Promise<Exported & { at: number }> => {
		const result = await exporter.export({ body: new Uint8Array(1), count: 1 });
		return { ...result, at: now() - startedAt };
	};
	return { exporter, health, transport, send, times: () => attempts.map(({ at }) => at), attempts };
}

/** Waits until all that is ready has run, but nothing that reads a file. */
const settle = async (): Promise<void> => {
	for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

test('what has been answered is no longer unsent, and its failure is known at once', async () => {
	const partial = createExporter([{ outcome: 'success', body: new Uint8Array(1) }], 10_000);
	void partial.send();
	await settle();
	expect(partial.exporter.unsent()).toEqual([]);
	expect(partial.health.lost).toBe(1);

	const failing = createExporter([unavailable], 10_000);
	void failing.send();
	await settle();
	expect(failing.health.failing).toBe(true);
	// it waits for its next attempt
	expect(failing.exporter.unsent()).toHaveLength(1);
});

test('what waits for an answer does so since its last attempt', async () => {
	const { exporter, transport, send } = createExporter([askForPause(3000), unavailable], 10_000);
	const sent = send();
	await vi.advanceTimersByTimeAsync(100);
	transport.send = () => new Promise(() => {});
	transport.isSent = () => true;
	await vi.advanceTimersByTimeAsync(4900);
	expect(exporter.unanswered()).toEqual([{ count: 1, since: 3000 }]);
	void sent;
});

/** How long each pause was. */
const pausesOf = (times: number[]): number[] => times.slice(1).map((at, index) => at - times[index]!);

test.each([
	['half', 0, [250, 500, 1000, 2000, 2500, 2500]],
	['all', 1, [500, 1000, 2000, 4000, 5000, 5000]]
])(
	'pauses are %s of half a second, then of twice as long each time up to five',
	async (_, random, pauses) => {
		vi.spyOn(Math, 'random').mockReturnValue(random);
		const { send, times } = createExporter([...pauses.map(() => unavailable), success], 60_000);
		const sent = send();
		await vi.runAllTimersAsync();
		expect(await sent).toMatchObject({ error: undefined });
		expect(pausesOf(times())).toEqual(pauses);
	}
);

test('processes that fail together do not retry together', async () => {
	const processes = Array.from({ length: 500 }, () => createExporter([unavailable, success], 10_000));
	for (const { send } of processes) void send();
	await vi.runAllTimersAsync();
	const pauses = processes.map(({ times }) => pausesOf(times())[0]!);
	expect(Math.min(...pauses)).toBeGreaterThanOrEqual(250);
	expect(Math.max(...pauses)).toBeLessThanOrEqual(500);
	// every tenth of the time gets its share of 50, give or take more than five standard deviations
	const tenths = Array.from({ length: 10 }, (_, tenth) =>
		pauses.filter((ms) => Math.min(Math.floor((ms - 250) / 25), 9) === tenth)
	);
	for (const { length } of tenths) {
		expect(length).toBeGreaterThan(12);
		expect(length).toBeLessThan(100);
	}
});

test('all attempts share one timeout, and there is no delay that would end after it', async () => {
	vi.spyOn(Math, 'random').mockReturnValue(1);
	const { send, attempts } = createExporter([unavailable], 2000);
	const sent = send();
	await vi.runAllTimersAsync();
	expect(await sent).toMatchObject({ at: 1500, error: unavailable.error });
	expect(attempts).toEqual([
		{ at: 0, timeoutMs: 2000 },
		{ at: 500, timeoutMs: 1500 },
		{ at: 1500, timeoutMs: 500 }
	]);
});

test('Retry-After replaces the backoff delay, to the millisecond', async () => {
	const { send, times } = createExporter([askForPause(3000), unavailable, success], 10_000);
	vi.spyOn(Math, 'random').mockReturnValue(0);
	const sent = send();
	await vi.runAllTimersAsync();
	expect(await sent).toMatchObject({ error: undefined });
	expect(pausesOf(times())).toEqual([3000, 500]);
});

test('a batch fails at once if Retry-After exceeds the timeout', async () => {
	const { send, times } = createExporter([askForPause(30_000), success], 10_000);
	expect(await send()).toMatchObject({ error: expect.any(Error), at: 0 });

	// the next ones wait as long as they may, and are not tried before the time
	const early = send();
	await vi.advanceTimersByTimeAsync(25_000);
	const pause = new Error('the collector has asked for a pause');
	expect(await early).toEqual({ at: 10_000, error: pause });
	const late = send();
	await vi.runAllTimersAsync();
	expect(await late).toMatchObject({ error: undefined, at: 30_000 });
	expect(times()).toEqual([0, 30_000]);
});

test('an export without time for its first attempt fails with that reason', async () => {
	const { send, times } = createExporter([success], 0);
	expect(await send()).toEqual({ at: 0, error: new Error('no answer within 0 ms') });
	expect(times()).toEqual([]);
});

test('an export after the shutdown fails with that reason', async () => {
	const { exporter, send, times } = createExporter([success], 10_000);
	await exporter.shutdown();
	expect(await send()).toEqual({ at: 0, error: new ShutdownError() });
	expect(times()).toEqual([]);
});

test('Retry-After is limited to five minutes', async () => {
	const { send, times } = createExporter([askForPause(86_400_000), success], 600_000);
	const sent = send();
	await vi.runAllTimersAsync();
	expect(await sent).toMatchObject({ error: undefined });
	expect(times()).toEqual([0, 300_000]);
});

test('a flush ends the backoff delay for one more attempt', async () => {
	const { exporter, send, times } = createExporter([unavailable, success], 10_000);
	const sent = send();
	await vi.advanceTimersByTimeAsync(100);
	await exporter.forceFlush();
	expect(await sent).toMatchObject({ error: undefined });
	expect(times()).toEqual([0, 100]);
});

test('a flush does not shorten Retry-After, and shutdown ends it', async () => {
	const { exporter, send, times } = createExporter([askForPause(8000), success], 10_000);
	const sent = send();
	await vi.advanceTimersByTimeAsync(100);
	await exporter.forceFlush();
	await vi.advanceTimersByTimeAsync(5000);
	await exporter.shutdown();
	expect(await sent).toMatchObject({ error: expect.any(Error), at: 5100 });
	expect(times()).toEqual([0]);
	// the one after which a failure is logged again
	expect(vi.getTimerCount()).toBe(1);
});
