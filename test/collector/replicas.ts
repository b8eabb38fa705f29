import { setTimeout as delay } from 'node:timers/promises';
import { type Load, startLoad } from '../reliability/load.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import type { App } from '../support/app.ts';
import type { Span } from './harness.ts';

/** Pages, an endpoint, a form's page, an unexpected error and one that is expected. */
export const paths = ['/blog/a', '/many/1', '/api/post/1', '/actions', '/error/unexpected', '/nowhere'];

/** Starts the app, once for each endpoint that its replicas export to. */
export function startReplicas(app: App, environments: Record<string, string>[]): Promise<RunningServer[]> {
	return Promise.all(environments.map((env) => startServer(app.build, { env })));
}

/** So many requests to each server; resolves with the traces that were asked for, in all. */
export async function askAll(servers: readonly RunningServer[], requests: number): Promise<string[]> {
	const loads: Load[] = servers.map(({ url }) => startLoad({ url, paths, connections: 4 }));
	await Promise.all(
		loads.map(async (load) => {
			await load.waitFor(requests);
			await load.stop();
		})
	);
	return loads.flatMap(({ answered }) => answered);
}

/** Spans by their trace. */
export const byTrace = (spans: readonly Span[]): Map<string, Span[]> =>
	Map.groupBy(spans, ({ traceId }) => traceId);

/**
 * What is wrong with the traces that were asked for: missing, twice, or not one tree below one SERVER span
 * whose parent is the caller's.
 */
export function findFaults(traceIds: readonly string[], spans: readonly Span[]): string[] {
	const traces = byTrace(spans);
	const faults: string[] = [];
	for (const traceId of traceIds) {
		const trace = traces.get(traceId);
		if (!trace) {
			faults.push(`${traceId} is missing`);
			continue;
		}
		const ids = new Set(trace.map(({ spanId }) => spanId));
		if (ids.size !== trace.length) faults.push(`${traceId} has a span twice`);
		const roots = trace.filter(({ parentSpanId }) => !ids.has(parentSpanId));
		if (roots.length !== 1 || roots[0]!.kind !== 2)
			faults.push(`${traceId} has the roots ${roots.map(({ name }) => name).join(', ')}`);
	}
	return faults;
}

/** Resolves when what `read` counts is enough or has stopped growing. */
export async function settle(read: () => number | Promise<number>, wanted: number): Promise<void> {
	// what another process has grows without an event
	for (let last = -1, quiet = 0; quiet < 30; quiet++) {
		const count = await read();
		if (count >= wanted) return;
		if (count !== last) quiet = 0;
		last = count;
		await delay(100);
	}
}
