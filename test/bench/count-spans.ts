import { setTimeout as delay } from 'node:timers/promises';
import { startServer } from '../support/server.ts';
import type { Collector } from './collector.ts';
import { type BuiltVariant, PAGE } from './round.ts';

/** Long enough for the last batch of a single request to be sent. */
const QUIET_MS = 1000;

/** The number of spans of one request, for each variant that traces all requests. */
export async function countSpans(
	variants: readonly BuiltVariant[],
	collector: Collector
): Promise<Map<string, number>> {
	const counts = new Map<string, number>();
	for (const { id, group, build, env, execArgv = [], ratio } of variants) {
		if (ratio !== 1) continue;
		const name = `count.${group}.${id}`;
		const server = await startServer(build, {
			execArgv,
			env: {
				...env,
				OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint(name),
				OTEL_BSP_SCHEDULE_DELAY: '100'
			}
		});
		await server.fetch(PAGE);
		let arrived: number;
		do {
			arrived = collector.arrived(name);
			await delay(QUIET_MS);
		} while (collector.arrived(name) !== arrived);
		await server.stop();
		counts.set(id, arrived);
	}
	return counts;
}
