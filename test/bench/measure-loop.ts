import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { DURATION_BOUNDS } from '../../files/metrics/bounds.ts';
import { Exemplars } from '../../files/metrics/exemplars.ts';
import { createServerMeasures } from '../../files/metrics/server-measures.ts';
import { spreadOf } from './statistics.ts';

/*
 * `npm exec -- node test/bench/measure-loop.ts`: the CPU time that metrics add to one request, in microseconds,
 * without the request: one that is not sampled, and one that becomes an exemplar.
 */

const GROUPS = 9;
const REQUESTS_IN_GROUP = 100_000;

class Reader extends MetricReader {
	protected async onForceFlush(): Promise<void> {}
	protected async onShutdown(): Promise<void> {}
}

const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

for (const [title, traceFlags] of [
	['not sampled', 0],
	['an exemplar', 1]
] as const) {
	const meter = new MeterProvider({ readers: [new Reader()] }).getMeter('loop');
	const begin = createServerMeasures(meter, new Exemplars('trace_based', DURATION_BOUNDS));
	const end = {
		seconds: 0.003,
		route: '/blog/[slug]',
		status: 200,
		error: undefined,
		spanContext: { ...ids, traceFlags }
	};
	const costs: number[] = [];
	for (let group = 0; group < GROUPS; group++) {
		const before = process.cpuUsage();
		for (let request = 0; request < REQUESTS_IN_GROUP; request++) begin('GET', 'https://shop.example')(end);
		const { user, system } = process.cpuUsage(before);
		costs.push((user + system) / REQUESTS_IN_GROUP);
	}
	console.log(`${title}: ${spreadOf(costs).median.toFixed(1)} µs`);
}
