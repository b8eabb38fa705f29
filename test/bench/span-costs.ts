import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { text } from 'node:stream/consumers';
import { cleanEnv } from '../support/clean-env.ts';
import type { Collector } from './collector.ts';
import { type Cores, pinned } from './cores.ts';
import { spreadOf } from './statistics.ts';

/** What one span costs. */
export interface SpanCost {
	title: string;
	/** Spans in a request. */
	spans: number;
	/** CPU time of each span after the first, its export included. */
	microseconds: number;
}

/** What creates the spans: see `span-loop.ts`. */
const makers = {
	sdk: "the SDK's span, batch processor and exporter",
	custom: "the app's own span",
	kit: 'a span of SvelteKit'
};

const counts = [10, 100, 1000];

const MAX_QUEUE_SIZE = 1_000_000;

/**
 * Measures the CPU time of one more span in a process that does nothing else.
 *
 * @param build an app built with this package
 */
export async function measureSpanCosts(
	build: string,
	collector: Collector,
	cores: Cores,
	rounds: number
): Promise<SpanCost[]> {
	const found = new Map<string, number[]>();
	for (let round = 0; round < rounds; round++) {
		for (const maker of Object.keys(makers)) {
			const costs = await runLoop(maker, build, collector.endpoint('loop'), cores);
			for (const [spans, microseconds] of Object.entries(costs)) {
				const key = `${maker}.${spans}`;
				found.set(key, [...(found.get(key) ?? []), microseconds]);
			}
		}
	}
	return Object.entries(makers).flatMap(([maker, title]) =>
		counts.map((spans) => ({
			title,
			spans,
			microseconds: spreadOf(found.get(`${maker}.${spans}`) ?? []).median
		}))
	);
}

async function runLoop(
	maker: string,
	build: string,
	endpoint: string,
	cores: Cores
): Promise<Record<string, number>> {
	const { node, execArgv } = pinned(cores.server);
	const register = pathToFileURL(join(build, 'otel/register.js')).href;
	const child = spawn(
		node,
		[
			...execArgv,
			...(maker === 'sdk' ? [] : ['--import', register]),
			fileURLToPath(new URL('./span-loop.ts', import.meta.url)),
			maker,
			build,
			JSON.stringify(counts)
		],
		{
			env: {
				...cleanEnv(),
				OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
				OTEL_LOG_LEVEL: 'warn',
				// no span is dropped, because a dropped span costs less
				OTEL_BSP_MAX_QUEUE_SIZE: String(MAX_QUEUE_SIZE)
			},
			stdio: ['ignore', 'pipe', 'inherit']
		}
	);
	const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
	return JSON.parse(output) as Record<string, number>;
}
