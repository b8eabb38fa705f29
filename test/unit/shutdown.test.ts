import { expect, test, vi } from 'vitest';
import { type Stoppable, createShutdown } from '../../files/shutdown/shutdown.ts';

const never = new Promise<void>(() => {});

function createTarget(overrides: Partial<Stoppable> = {}) {
	const calls: string[] = [];
	const note =
		(name: keyof Stoppable) =>
		async (...args: unknown[]): Promise<void> =>
			void calls.push([name, ...args].join(' '));
	const target: Stoppable = {
		flush: note('flush'),
		abandon: note('abandon'),
		close: note('close'),
		closeNow: note('closeNow'),
		...overrides
	};
	return { target, calls };
}

test('ends open requests, flushes and closes, once', async () => {
	const { target, calls } = createTarget();
	const { shutdown } = createShutdown(target, 1000);
	const first = shutdown();
	expect(shutdown()).toBe(first);
	await first;
	expect(calls).toEqual(['abandon', 'flush', 'close']);
});

test('closes if the flush does not end within the timeout', async () => {
	vi.useFakeTimers();
	const { target, calls } = createTarget({ flush: () => never });
	const done = createShutdown(target, 1000).shutdown();
	await vi.advanceTimersByTimeAsync(1000);
	await done;
	vi.useRealTimers();
	expect(calls).toEqual(['abandon', 'close']);
});

test('leaves time for closing after the timeout, to count losses', async () => {
	vi.useFakeTimers();
	let isCounted = false;
	const { target } = createTarget({
		flush: () => never,
		close: () => new Promise((resolve) => setTimeout(() => ((isCounted = true), resolve()), 50))
	});
	const wasCounted = createShutdown(target, 1000)
		.shutdown()
		.then(() => isCounted);
	await vi.advanceTimersByTimeAsync(1050);
	expect(await wasCounted).toBe(true);
	vi.useRealTimers();
});

test('resolves even if closing never ends', async () => {
	vi.useFakeTimers();
	const { target } = createTarget({ flush: () => never, close: () => never });
	const done = createShutdown(target, 1000).shutdown();
	await vi.advanceTimersByTimeAsync(1100);
	await expect(done).resolves.toBeUndefined();
	vi.useRealTimers();
});

test('counts only waiting time towards the timeout', async () => {
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
	let flushes = 0;
	// the first one takes 600 ms, the second one would take for ever
	const { target, calls } = createTarget({
		flush: () => (flushes++ === 0 ? new Promise((resolve) => setTimeout(resolve, 600)) : never)
	});
	const { flush, shutdown } = createShutdown(target, 1000);
	void flush();
	await vi.advanceTimersByTimeAsync(600);

	// the app's own work at its end
	await vi.advanceTimersByTimeAsync(10_000);
	void shutdown();
	await vi.advanceTimersByTimeAsync(399);
	expect(calls).not.toContain('close');
	await vi.advanceTimersByTimeAsync(1);
	expect(calls).toContain('close');
	vi.useRealTimers();
});

test('sends what came last, even if a collector that does not respond has used the timeout', async () => {
	vi.useFakeTimers();
	const calls: string[] = [];
	let flushes = 0;
	const { target } = createTarget({
		flush: () =>
			flushes++ === 0
				? never
				: new Promise((resolve) => setTimeout(() => resolve(void calls.push('sent')), 50)),
		close: async () => void calls.push('closed')
	});
	const { flush, shutdown } = createShutdown(target, 1000);
	void flush();
	await vi.advanceTimersByTimeAsync(1000);
	void shutdown();
	await vi.advanceTimersByTimeAsync(50);
	expect(calls).toEqual(['sent', 'closed']);
	vi.useRealTimers();
});

test.each<[string, Partial<Stoppable>]>([
	['flush', { flush: () => Promise.reject(new Error('no')) }],
	['close', { close: () => Promise.reject(new Error('no')) }]
])('resolves although %s fails', async (_, overrides) => {
	const { target } = createTarget(overrides);
	await expect(createShutdown(target, 1000).shutdown()).resolves.toBeUndefined();
});

test('sends the remaining data when the process exits, also data from after the shutdown', async () => {
	const { target, calls } = createTarget();
	const { exit } = createShutdown(target, 1000);
	exit();
	exit();
	expect(calls).toEqual(['abandon', 'closeNow 1000']);

	const over = createTarget();
	const ended = createShutdown(over.target, 1000);
	await ended.shutdown();
	ended.exit();
	expect(over.calls.slice(0, 3)).toEqual(['abandon', 'flush', 'close']);
	expect(over.calls.slice(3)).toEqual([expect.stringMatching(/^closeNow /)]);
});

test('throws nothing in the exit event, which would change the exit code', () => {
	const { target } = createTarget({
		closeNow: () => {
			throw new Error('no');
		}
	});
	expect(() => createShutdown(target, 1000).exit()).not.toThrow();
});
