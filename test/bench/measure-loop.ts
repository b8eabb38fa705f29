import { registerHooks } from 'node:module';
import { attributeHashes } from '../../rollup.config.js';
import { spreadOf } from './statistics.ts';

/*
 * `npm exec -- node test/bench/measure-loop.ts`: the CPU time that metrics add to one request, in microseconds,
 * without the request: one that is not sampled, and one that becomes an exemplar.
 */

// the SDK as it is bundled
registerHooks({
	load(url, context, nextLoad) {
		const loaded = nextLoad(url, context);
		const source = attributeHashes.transform(String(loaded.source), url);
		return source === undefined ? loaded : { ...loaded, source };
	}
});
const { MeterProvider, MetricReader } = await import('@opentelemetry/sdk-metrics');
const { DURATION_BOUNDS } = await import('../../files/metrics/bounds.ts');
const { Exemplars } = await import('../../files/metrics/exemplars.ts');
const { createServerMeasures } = await import('../../files/metrics/server-measures.ts');

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
	const { measureRequest } = createServerMeasures(
		meter,
		new Exemplars('trace_based', DURATION_BOUNDS, 'loop')
	);
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
		for (let request = 0; request < REQUESTS_IN_GROUP; request++) measureRequest('GET', 'https')(end);
		const { user, system } = process.cpuUsage(before);
		costs.push((user + system) / REQUESTS_IN_GROUP);
	}
	console.log(`${title}: ${spreadOf(costs).median.toFixed(1)} µs`);
}
