import { ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { channel } from 'node:diagnostics_channel';
import { expect, test, vi } from 'vitest';
import { watchInheritedSpans } from '../../files/http/inherited-span.ts';
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
