import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { measureRuntime } from '../../files/metrics/runtime-measures.ts';

class Reader extends MetricReader {
	protected async onForceFlush(): Promise<void> {}
	protected async onShutdown(): Promise<void> {}
}

/** Blocks the event loop. */
function block(ms: number): void {
	for (const until = performance.now() + ms; performance.now() < until;);
}

test('the delay and the utilization of the event loop are those since the last collection', async () => {
	const reader = new Reader();
	measureRuntime(new MeterProvider({ readers: [reader] }).getMeter('runtime'));
	const collect = async (): Promise<Map<string, number>> => {
		const { resourceMetrics } = await reader.collect();
		const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
		return new Map(
			metrics.map(({ descriptor, dataPoints }) => [descriptor.name, Number(dataPoints[0]?.value)])
		);
	};
	// no delay has been measured yet
	expect((await collect()).has('nodejs.eventloop.delay.max')).toBe(false);

	await delay(100);
	block(400);
	await delay(100);
	const busy = await collect();
	expect(busy.get('nodejs.eventloop.delay.max')).toBeGreaterThan(0.3);
	await expect
		.poll(async () => (await collect()).get('nodejs.eventloop.delay.max'))
		.toBeLessThan(busy.get('nodejs.eventloop.delay.max')!);

	await delay(400);
	await collect();
	block(100);
	expect((await collect()).get('nodejs.eventloop.utilization')).toBeGreaterThan(0.9);
});
