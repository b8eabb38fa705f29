import { ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { channel } from 'node:diagnostics_channel';
import { PerformanceObserver } from 'node:perf_hooks';
import { expect, test, vi } from 'vitest';
import { watchInheritedSpans } from '../../files/http/inherited-span.ts';
import { measureFetch } from '../../files/metrics/fetch-measures.ts';
import { measureRuntime } from '../../files/metrics/runtime-measures.ts';
import { onExit } from '../../files/shutdown/on-exit.ts';

test('the exit listener is removed when telemetry stops', async () => {
	const counts = (): number[] => ['exit', 'newListener'].map((event) => process.listenerCount(event));
	const before = counts();
	const leave = onExit(() => {});
	expect(counts()).toEqual(before.map((count) => count + 1));

	// one that is about to go behind another
	const other = (): void => {};
	process.on('exit', other);
	leave();
	await Promise.resolve();
	process.off('exit', other);
	expect(counts()).toEqual(before);
});

test('arrivals are observed once, even if telemetry starts several times', () => {
	const manager = new AsyncLocalStorageContextManager();
	const active = vi.spyOn(manager, 'active').mockReturnValue(ROOT_CONTEXT);
	for (let start = 0; start < 3; start++) watchInheritedSpans(manager);
	channel('http.server.request.start').publish({ request: {} });
	expect(active).toHaveBeenCalledTimes(1);
});

test('nothing is measured when telemetry has stopped', () => {
	const meter = new MeterProvider().getMeter('test');
	const hasSubscribers = (): boolean[] =>
		['create', 'headers', 'error'].map((event) => channel(`undici:request:${event}`).hasSubscribers);
	const stop = measureFetch(meter);
	expect(hasSubscribers()).toEqual([true, true, true]);
	stop();
	expect(hasSubscribers()).toEqual([false, false, false]);

	const disconnect = vi.spyOn(PerformanceObserver.prototype, 'disconnect');
	measureRuntime(meter)();
	expect(disconnect).toHaveBeenCalledTimes(1);
});
