import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cleanEnv } from '../support/clean-env.ts';
import type { Collector } from './collector.ts';
import { type Cores, pinned } from './cores.ts';
import { spreadOf } from './statistics.ts';

/** What one line costs that is printed through the console. */
export interface LineCost {
	title: string;
	/** CPU time of one line, its export included. */
	microseconds: number;
}

/** What `line-loop.ts` measures: the cost of printing, and what the others cost in addition. */
export interface LoopCosts {
	printed: number;
	exported: number;
	below: number;
	dropped: number;
}

const titles: Record<keyof LoopCosts, string> = {
	printed: 'printed by Node itself',
	exported: 'printed and exported',
	below: 'printed, below the floor of severity',
	dropped: 'printed and dropped'
};

/** Keeps Node's own methods, from before telemetry starts. */
const KEEP_CONSOLE = 'data:text/javascript,globalThis.nodeConsole={...console}';

/**
 * Measures the CPU time of one line in a process that does nothing else.
 *
 * @param build an app built with this package
 */
export async function measureLineCosts(
	build: string,
	collector: Collector,
	cores: Cores,
	rounds: number
): Promise<LineCost[]> {
	const found: LoopCosts[] = [];
	for (let round = 0; round < rounds; round++) {
		found.push(await runLoop(build, collector.endpoint('loop'), cores));
	}
	const median = (kind: keyof LoopCosts): number => spreadOf(found.map((costs) => costs[kind])).median;
	return (Object.keys(titles) as (keyof LoopCosts)[]).map((kind) => ({
		title: titles[kind],
		microseconds: median('printed') + (kind === 'printed' ? 0 : median(kind))
	}));
}

async function runLoop(build: string, endpoint: string, cores: Cores): Promise<LoopCosts> {
	const { node, execArgv } = pinned(cores.server);
	const register = pathToFileURL(join(build, 'otel/register.js')).href;
	const loop = fileURLToPath(new URL('./line-loop.ts', import.meta.url));
	const child = spawn(node, [...execArgv, '--import', KEEP_CONSOLE, '--import', register, loop], {
		env: {
			...cleanEnv(),
			OTEL_TRACES_EXPORTER: 'none',
			OTEL_LOGS_EXPORTER: 'otlp',
			OTEL_LOG_LEVEL: 'none',
			OTEL_SVELTEKIT_LOG_SEVERITY: 'info',
			OTEL_EXPORTER_OTLP_ENDPOINT: endpoint
		},
		stdio: ['ignore', 'ignore', 'pipe']
	});
	const [output] = await Promise.all([text(child.stderr), once(child, 'close')]);
	return JSON.parse(output) as LoopCosts;
}
