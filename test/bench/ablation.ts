import { execFileSync, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type AppOptions, buildApp } from '../support/app.ts';
import { cleanEnv } from '../support/clean-env.ts';
import { TURN_MS, ask, listening, stop } from './child-server.ts';
import { startCollector } from './collector.ts';
import type { LoadOrder, LoadResult } from './load.ts';
import { type Spread, meanOf, shuffled, spreadOf } from './statistics.ts';

/*
 * Measures what each part of telemetry adds to a request. It turns the parts on and off alternately while one
 * server runs, so that all of them use the same compiled code. `npm run bench:ablation`, with `--path /about-us`,
 * `--rounds 40`, `--requests 600`, `--ratio 1`, `--signals metrics` or `traces,metrics`. It ends after
 * `--seconds 120`. Then it prints the same for our own code alone, without a server (`request-costs.ts`), which a
 * busy machine affects less; `--seconds 0` prints only that.
 */

/** Each step adds a part to the previous one. `off` is the same server without any part. */
const STEPS: Record<string, readonly string[]> = {
	off: [],
	'off again: noise': [],
	'a request that arrives': ['arrival'],
	'… and is SvelteKit’s': ['arrival', 'respond'],
	'… and has spans': ['arrival', 'respond', 'spans'],
	'… and one for its rendering': ['arrival', 'respond', 'spans', 'render']
};

const { values } = parseArgs({
	options: {
		path: { type: 'string', default: '/blog/hello' },
		rounds: { type: 'string', default: '40' },
		requests: { type: 'string', default: '600' },
		ratio: { type: 'string', default: '0' },
		signals: { type: 'string', default: 'traces' },
		seconds: { type: 'string', default: '120' },
		combination: { type: 'string', default: 'kit-3' }
	}
});

const signals = values.signals.split(',');
const exporterOf = (signal: string): string => (signals.includes(signal) ? 'otlp' : 'none');
/** Nothing is wrapped around the rendering without traces. */
if (!signals.includes('traces')) delete STEPS['… and one for its rendering'];

const script = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const app = await buildApp({ combination: values.combination as AppOptions['combination'] });
const collector = await startCollector();
const port = 20_000 + (process.pid % 20_000);
const server = fork(join(app.build, 'index.js'), {
	execArgv: ['--expose-gc', '--import', script('./ablation-switch.mjs')],
	// without the start-up lines
	stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
	env: {
		...cleanEnv(),
		PORT: String(port),
		HOST: '127.0.0.1',
		OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint('ablation'),
		OTEL_TRACES_EXPORTER: exporterOf('traces'),
		OTEL_METRICS_EXPORTER: exporterOf('metrics'),
		OTEL_TRACES_SAMPLER_ARG: values.ratio,
		// in some turns, SvelteKit does not use its tracer on purpose
		OTEL_LOG_LEVEL: 'error'
	}
});
const load = fork(script('./load.ts'));

/** The CPU time of a request, in microseconds. */
async function measure(parts: readonly string[], amount: number): Promise<number> {
	await ask(server, { start: parts });
	const order: LoadOrder = { port, path: values.path, connections: 8, durationMs: TURN_MS / 2, amount };
	const { requests, failures } = await ask<LoadResult>(load, order);
	if (failures > 0) throw new Error(`${failures} requests have failed`);
	return (await ask<number>(server, { stop: true })) / requests;
}

const rounds = Number(values.rounds);
const found = new Map(Object.keys(STEPS).map((step) => [step, [] as number[]]));

async function runRounds(): Promise<void> {
	await listening(`http://127.0.0.1:${port}${values.path}`);
	const until = performance.now() + Number(values.seconds) * 1000;
	// the first rounds warm up
	for (let round = -5; round < rounds; round++) {
		const costs = new Map<string, number>();
		for (const [step, parts] of shuffled(Object.entries(STEPS))) {
			costs.set(step, await measure(parts, Number(values.requests)));
			// an incomplete round is left out, but an interval needs two rounds
			if (performance.now() > until && found.get('off')!.length > 1) return;
		}
		if (round < 0) continue;
		for (const [step, cost] of costs) found.get(step)!.push(cost);
	}
}

try {
	if (Number(values.seconds) > 0) await runRounds();
} finally {
	stop(server);
	load.kill();
	await collector.stop();
}

const off = found.get('off')!;
if (off.length > 0) printRounds();
printOwnCode();

function printRounds(): void {
	const what = signals.includes('traces') ? `${values.signals}, ratio ${values.ratio}` : values.signals;
	console.log(
		`| ${what}, ${values.path}, ${off.length} rounds | µs of CPU a request | more than off, and its 95 % interval |`
	);
	console.log('| --- | ---: | ---: |');
	for (const [step, costs] of found) {
		// within a round, because the speed of the machine changes between rounds
		const { mean, margin } = meanOf(costs.map((cost, round) => (cost / off[round]! - 1) * 100));
		console.log(
			`| ${step} | ${spreadOf(costs).median.toFixed(0)} | ${mean.toFixed(1)} % (${(mean - margin).toFixed(1)} to ${(mean + margin).toFixed(1)}) |`
		);
	}
}

/** Microseconds of CPU that our code adds to what it calls, for a request that is not sampled and one that is. */
function printOwnCode(): void {
	const [unsampled, sampled] = ['0', '1'].map(
		(ratio) =>
			JSON.parse(
				execFileSync(process.execPath, [script('./request-costs.ts'), app.build], {
					env: { ...cleanEnv(), OTEL_TRACES_SAMPLER_ARG: ratio, OTEL_LOG_LEVEL: 'error' }
				}).toString()
			) as Record<string, Spread>
	) as [Record<string, Spread>, Record<string, Spread>];
	const [before] = Object.keys(unsampled) as [string];
	const cell = (costs: Record<string, Spread>, name: string): string => {
		const more = (value: number): string => (value - costs[before]!.median).toFixed(1);
		const { median, low, high } = costs[name]!;
		return `${more(median)} (${more(low)} to ${more(high)})`;
	};
	console.log('\n| our own code, µs of CPU a request | not sampled | sampled, exported |');
	console.log('| --- | ---: | ---: |');
	for (const name of Object.keys(unsampled)) {
		if (name !== before) console.log(`| ${name} | ${cell(unsampled, name)} | ${cell(sampled, name)} |`);
	}
}
