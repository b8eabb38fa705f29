import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type AppOptions, buildApp } from '../support/app.ts';
import { cleanEnv } from '../support/clean-env.ts';
import { startCollector } from './collector.ts';
import type { LoadOrder, LoadResult } from './load.ts';
import { shuffled, spreadOf } from './statistics.ts';

/*
 * What each part of telemetry costs a request: parts are switched on and off in turns while one server runs,
 * so that they share its compiled code, and single microseconds can be seen. `npm run bench:ablation`, with
 * `--path /about-us`, `--rounds 40`, `--requests 600`, `--ratio 1`.
 */

/** Each adds something to the one before; `off` is the same server with every part out of the way. */
const STEPS: Record<string, readonly string[]> = {
	off: [],
	'off again: noise': [],
	'a request that arrives': ['arrival'],
	'… and is SvelteKit’s': ['arrival', 'reach'],
	'… and has spans': ['arrival', 'reach', 'spans']
};

const { values } = parseArgs({
	options: {
		path: { type: 'string', default: '/blog/hello' },
		rounds: { type: 'string', default: '40' },
		requests: { type: 'string', default: '600' },
		ratio: { type: 'string', default: '0' },
		combination: { type: 'string', default: 'kit-3' }
	}
});

const ask = async <T>(child: ChildProcess, message: object): Promise<T> => {
	const answer = once(child, 'message');
	child.send(message);
	return (await answer)[0] as T;
};

const script = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const app = await buildApp({ combination: values.combination as AppOptions['combination'] });
const collector = await startCollector();
const port = 20_000 + (process.pid % 20_000);
const server = fork(join(app.build, 'index.js'), {
	execArgv: ['--expose-gc', '--import', script('./ablation-switch.mjs')],
	env: {
		...cleanEnv(),
		PORT: String(port),
		HOST: '127.0.0.1',
		OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint('ablation'),
		OTEL_TRACES_SAMPLER_ARG: values.ratio,
		OTEL_LOG_LEVEL: 'warn'
	}
});
const load = fork(script('./load.ts'));
while (!(await fetch(`http://127.0.0.1:${port}${values.path}`).catch(() => undefined))) {
	await new Promise((resolve) => setTimeout(resolve, 100));
}

/** The CPU time of a request, in microseconds. */
async function measure(parts: readonly string[], amount: number): Promise<number> {
	await ask(server, { start: parts });
	const order: LoadOrder = { port, path: values.path, connections: 8, durationMs: 60_000, amount };
	const { requests, failures } = await ask<LoadResult>(load, order);
	if (failures > 0) throw new Error(`${failures} requests have failed`);
	return (await ask<number>(server, { stop: true })) / requests;
}

const rounds = Number(values.rounds);
const found = new Map(Object.keys(STEPS).map((step) => [step, [] as number[]]));
for (let round = -5; round < rounds; round++) {
	for (const [step, parts] of shuffled(Object.entries(STEPS))) {
		const cost = await measure(parts, Number(values.requests));
		if (round >= 0) found.get(step)!.push(cost);
	}
}
server.kill();
load.kill();
await collector.stop();

const off = found.get('off')!;
console.log(`| ratio ${values.ratio}, ${values.path} | µs of CPU a request | more than off |`);
console.log('| --- | ---: | ---: |');
for (const [step, costs] of found) {
	// each round beside its own, for the machine's mood passes over all of one
	const more = spreadOf(costs.map((cost, round) => cost / off[round]!));
	console.log(
		`| ${step} | ${spreadOf(costs).median.toFixed(0)} | ${((more.median - 1) * 100).toFixed(1)} % (${((more.low - 1) * 100).toFixed(1)} to ${((more.high - 1) * 100).toFixed(1)}) |`
	);
}
