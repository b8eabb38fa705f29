import { DataPointType, type MetricData, MeterProvider } from '@opentelemetry/sdk-metrics';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { measureRuntime } from '../../files/metrics/runtime-measures.ts';
import { ManualReader } from './support/manual-reader.ts';

vi.mock('node:v8', async (original) => ({
	...(await original<object>()),
	getHeapSpaceStatistics: () => [
		{
			space_name: 'old_space',
			space_size: 4,
			space_used_size: 3,
			space_available_size: 2,
			physical_space_size: 1
		}
	]
}));

/** Measures from now on, and returns a function that collects. */
function measure(): () => Promise<MetricData[]> {
	const reader = new ManualReader();
	measureRuntime(new MeterProvider({ readers: [reader] }).getMeter('runtime'));
	return async () => {
		const { resourceMetrics } = await reader.collect();
		return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
	};
}

/** Blocks the event loop. */
function block(ms: number): void {
	for (const until = performance.now() + ms; performance.now() < until;);
}

test('the delay and the utilization of the event loop are those since the last collection', async () => {
	const collectAll = measure();
	const collect = async (): Promise<Map<string, number>> => {
		return new Map(
			(await collectAll()).map(({ descriptor, dataPoints }) => [
				descriptor.name,
				Number(dataPoints[0]?.value)
			])
		);
	};
	// no delay has been measured yet
	expect((await collect()).has('nodejs.eventloop.delay.max')).toBe(false);

	await delay(100);
	block(400);
	await delay(100);
	const busy = await collect();
	expect(busy.get('nodejs.eventloop.delay.max')).toBeGreaterThan(0.3);
	// another reader, before there is another delay
	block(2);
	expect((await collect()).get('nodejs.eventloop.delay.max')).toBe(busy.get('nodejs.eventloop.delay.max'));
	await expect
		.poll(async () => (await collect()).get('nodejs.eventloop.delay.max'))
		.toBeLessThan(busy.get('nodejs.eventloop.delay.max')!);

	await delay(400);
	await collect();
	block(100);
	expect((await collect()).get('nodejs.eventloop.utilization')).toBeGreaterThan(0.9);
});

const kindOf = (metric: MetricData): string => {
	if (metric.dataPointType === DataPointType.SUM) return metric.isMonotonic ? 'counter' : 'up-down counter';
	return metric.dataPointType === DataPointType.GAUGE ? 'gauge' : 'histogram';
};

test('all metrics have the kind, the unit and the attributes of the conventions', async () => {
	const collectAll = measure();
	setFlagsFromString('--expose-gc');
	const collectGarbage = runInNewContext('gc') as () => void;
	const metrics = new Map<string, MetricData>();
	const describeAll = async (): Promise<Record<string, string>> => {
		collectGarbage();
		await delay(20);
		for (const metric of await collectAll()) metrics.set(metric.descriptor.name, metric);
		return Object.fromEntries(
			[...metrics].map(([name, metric]) => {
				const keys = new Set(metric.dataPoints.flatMap(({ attributes }) => Object.keys(attributes)));
				return [name, [kindOf(metric), metric.descriptor.unit, ...keys].join(' ')];
			})
		);
	};
	// https://opentelemetry.io/docs/specs/semconv/runtime/
	await expect.poll(describeAll, { timeout: 4000 }).toEqual({
		'nodejs.eventloop.delay.min': 'gauge s',
		'nodejs.eventloop.delay.max': 'gauge s',
		'nodejs.eventloop.delay.mean': 'gauge s',
		'nodejs.eventloop.delay.stddev': 'gauge s',
		'nodejs.eventloop.delay.p50': 'gauge s',
		'nodejs.eventloop.delay.p90': 'gauge s',
		'nodejs.eventloop.delay.p99': 'gauge s',
		'nodejs.eventloop.utilization': 'gauge 1',
		'nodejs.eventloop.time': 'counter s nodejs.eventloop.state',
		'v8js.gc.duration': 'histogram s v8js.gc.type',
		'v8js.memory.heap.space.size': 'up-down counter By v8js.heap.space.name',
		'v8js.memory.heap.used': 'up-down counter By v8js.heap.space.name',
		'v8js.memory.heap.space.available_size': 'up-down counter By v8js.heap.space.name',
		'v8js.memory.heap.space.physical_size': 'up-down counter By v8js.heap.space.name',
		'v8js.resource.active': 'gauge {resource} v8js.resource.type'
	});

	const pointsOf = (name: string): [object, unknown][] =>
		metrics.get(name)!.dataPoints.map(({ attributes, value }) => [attributes, value]);
	const valueOf = (delayOf: string): number => Number(pointsOf(`nodejs.eventloop.delay.${delayOf}`)[0]![1]);
	for (const [less, more] of [
		['min', 'p50'],
		['p50', 'p90'],
		['p90', 'p99'],
		['min', 'mean'],
		['mean', 'max']
	] as const)
		expect(valueOf(less)).toBeLessThanOrEqual(valueOf(more));
	expect(pointsOf('nodejs.eventloop.time')).toEqual([
		[{ 'nodejs.eventloop.state': 'active' }, expect.any(Number)],
		[{ 'nodejs.eventloop.state': 'idle' }, expect.any(Number)]
	]);
	expect(pointsOf('v8js.gc.duration')).toContainEqual([
		{ 'v8js.gc.type': 'major' },
		expect.objectContaining({ buckets: expect.objectContaining({ boundaries: [0.01, 0.1, 1, 10] }) })
	]);
	const heap = { 'v8js.heap.space.name': 'old_space' };
	expect(pointsOf('v8js.memory.heap.space.size')).toEqual([[heap, 4]]);
	expect(pointsOf('v8js.memory.heap.used')).toEqual([[heap, 3]]);
	expect(pointsOf('v8js.memory.heap.space.available_size')).toEqual([[heap, 2]]);
	expect(pointsOf('v8js.memory.heap.space.physical_size')).toEqual([[heap, 1]]);
});

test('active resources are counted by type, in as many series as there are types', async () => {
	const collectAll = measure();
	const count = async (): Promise<Record<string, unknown>> => {
		const active = (await collectAll()).find(({ descriptor }) => descriptor.name === 'v8js.resource.active');
		const points = active!.dataPoints.map(({ attributes, value }) => [
			attributes['v8js.resource.type'],
			value
		]);
		expect(new Set(points.map(([type]) => type)).size).toBe(points.length);
		return Object.fromEntries(points) as Record<string, unknown>;
	};
	const { TCPWrap: before = 0, TCPServerWrap: serversBefore = 0 } = await count();
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const sockets = Array.from({ length: 20 }, () =>
		connect((server.address() as AddressInfo).port, '127.0.0.1')
	);
	await Promise.all(sockets.map((socket) => once(socket, 'connect')));
	const during = await count();
	expect(during['TCPServerWrap']).toBe(Number(serversBefore) + 1);
	expect(Number(during['TCPWrap'])).toBeGreaterThanOrEqual(Number(before) + 20);
	// Node's own name
	expect(during).not.toHaveProperty('TCPSocketWrap');

	for (const socket of sockets) socket.destroy();
	server.close();
	await expect.poll(count).toMatchObject({ TCPWrap: before, TCPServerWrap: serversBefore });
});
