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

/** What is set, beside the endpoint; undefined where telemetry is off. */
const kinds: Record<string, Record<string, string> | undefined> = {
	'printed, telemetry off': undefined,
	// a line that is dropped costs less: as many may wait as the loop can make
	'printed and exported': { OTEL_BLRP_MAX_QUEUE_SIZE: '1000000' },
	'printed, below the floor of severity': { OTEL_SVELTEKIT_LOG_SEVERITY: 'warn' },
	'printed and dropped': {
		OTEL_BLRP_MAX_QUEUE_SIZE: '1',
		OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://127.0.0.1:1'
	}
};

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
	const found = new Map<string, number[]>();
	for (let round = 0; round < rounds; round++) {
		for (const [title, env] of Object.entries(kinds)) {
			const cost = await runLoop(
				env && { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint('loop') },
				build,
				cores
			);
			found.set(title, [...(found.get(title) ?? []), cost]);
		}
	}
	return [...found].map(([title, costs]) => ({ title, microseconds: spreadOf(costs).median }));
}

async function runLoop(
	env: Record<string, string> | undefined,
	build: string,
	cores: Cores
): Promise<number> {
	const { node, execArgv } = pinned(cores.server);
	const register = pathToFileURL(join(build, 'otel/register.js')).href;
	const child = spawn(
		node,
		[
			...execArgv,
			...(env ? ['--import', register] : []),
			fileURLToPath(new URL('./line-loop.ts', import.meta.url))
		],
		{
			env: {
				...cleanEnv(),
				...(env && {
					OTEL_TRACES_EXPORTER: 'none',
					OTEL_LOGS_EXPORTER: 'otlp',
					OTEL_LOG_LEVEL: 'none',
					...env
				})
			},
			stdio: ['ignore', 'ignore', 'pipe']
		}
	);
	const [output] = await Promise.all([text(child.stderr), once(child, 'close')]);
	return Number(output);
}
