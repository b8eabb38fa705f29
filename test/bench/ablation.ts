import { execFileSync, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type AppOptions, buildApp } from '../support/app.ts';
import { cleanEnv } from '../support/clean-env.ts';
import { TURN_MS, ask, listening, stop } from './child-server.ts';
import { startCollector } from './collector.ts';
import { pinned, shareCores } from './cores.ts';
import { startLoadGenerator } from './load-generator.ts';
import { type Spread, meanOf, shuffled, spreadOf } from './statistics.ts';

/*
 * Measures what each part of telemetry adds to a request. It turns the parts on and off alternately while one
 * server runs, so that all of them use the same compiled code. `npm run bench:ablation`, with `--path /about-us`,
 * `--rounds 1000`, `--requests 250`, `--ratio 1`, `--signals metrics` or `traces,metrics`. It ends after
 * `--seconds 240`. Then it prints the same for our own code alone, without a server (`request-costs.ts`), which a
 * busy machine affects less; `--seconds 0` prints only that.
 *
 * Fewer steps are more exact in the same time: `--signals traces,metrics --steps render,metrics` measures what
 * metrics add to traces, and nothing else.
 */

/** The server without any part, once more: the difference is noise. */
const AGAIN = 'again';
/** Each step adds its part to the ones before. */
const TITLES: Readonly<Record<string, string>> = {
	off: 'off',
	[AGAIN]: 'off again: noise',
	arrival: 'a request that arrives',
	respond: '… and is SvelteKit’s',
	spans: '… and has spans',
	render: '… and one for its rendering',
	metrics: '… and is measured'
};
/** V8 compiles the code of a server for about 40,000 requests. */
const WARM_UP_REQUESTS = 40_000;

const { values } = parseArgs({
	options: {
		path: { type: 'string', default: '/blog/hello' },
		rounds: { type: 'string', default: '1000' },
		requests: { type: 'string', default: '250' },
		ratio: { type: 'string', default: '0' },
		signals: { type: 'string', default: 'traces' },
		steps: { type: 'string', default: Object.keys(TITLES).join(',') },
		seconds: { type: 'string', default: '240' },
		combination: { type: 'string', default: 'kit-3' }
	}
});

const signals = values.signals.split(',');
const exporterOf = (signal: string): string => (signals.includes(signal) ? 'otlp' : 'none');
/** The parts of each step. Nothing is wrapped around the rendering without traces. */
const steps = new Map<string, readonly string[]>();
const parts: string[] = [];
for (const step of Object.keys(TITLES)) {
	if (step === 'render' && !signals.includes('traces')) continue;
	if (step === 'metrics' && !signals.includes('metrics')) continue;
	if (step !== 'off' && step !== AGAIN) parts.push(step);
	if (values.steps.split(',').includes(step)) steps.set(step, [...parts]);
}

const script = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const app = await buildApp({ combination: values.combination as AppOptions['combination'] });
const collector = await startCollector();
const port = 20_000 + (process.pid % 20_000);
const cores = shareCores();
const { node, execArgv } = pinned(cores.server);
const server = fork(join(app.build, 'index.js'), {
	execPath: node,
	execArgv: [...execArgv, '--import', script('./ablation-switch.mjs')],
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
const load = startLoadGenerator(cores);

/** The CPU time of a request in the main thread, in microseconds. */
async function measure(on: readonly string[], amount: number): Promise<number> {
	await ask(server, { start: on });
	const order = { port, path: values.path, connections: 8, durationMs: TURN_MS / 2, amount };
	const { requests, failures } = await load.run(order);
	if (failures > 0) throw new Error(`${failures} requests have failed`);
	return (await ask<number>(server, { stop: true })) / requests;
}

const rounds = Number(values.rounds);
const found = new Map([...steps.keys()].map((step) => [step, [] as number[]]));
/** What the others are compared with. */
const base = [...found.values()][0]!;

async function runRounds(): Promise<void> {
	await listening(`http://127.0.0.1:${port}${values.path}`);
	const until = performance.now() + Number(values.seconds) * 1000;
	const inRound = steps.size * Number(values.requests);
	for (let round = -Math.ceil(WARM_UP_REQUESTS / inRound); round < rounds; round++) {
		const costs = new Map<string, number>();
		for (const [step, on] of shuffled([...steps])) {
			costs.set(step, await measure(on, Number(values.requests)));
			// an incomplete round is left out, but an interval needs two rounds
			if (performance.now() > until && base.length > 1) return;
		}
		if (round < 0) continue;
		for (const [step, cost] of costs) found.get(step)!.push(cost);
	}
}

try {
	if (Number(values.seconds) > 0) await runRounds();
} finally {
	stop(server);
	await load.stop();
	await collector.stop();
}

if (base.length > 0) printRounds();
printOwnCode();

function printRounds(): void {
	const what = signals.includes('traces') ? `${values.signals}, ratio ${values.ratio}` : values.signals;
	console.log(
		`| ${what}, ${values.path}, ${base.length} rounds | µs of CPU a request | more than the first row, and its 95 % interval | more than the row above |`
	);
	console.log('| --- | ---: | ---: | ---: |');
	let above = base;
	for (const [step, costs] of found) {
		const { median } = spreadOf(costs);
		console.log(
			`| ${TITLES[step]} | ${median.toFixed(0)} | ${renderMore(costs, base)} | ${renderMore(costs, above)} |`
		);
		if (step !== AGAIN) above = costs;
	}
}

/** The difference in percent, and its 95 % interval. */
function renderMore(costs: readonly number[], than: readonly number[]): string {
	// within a round, because the speed of the machine changes between rounds. The mean of ratios would be too large:
	// a slow turn weighs more than a fast one
	const ratios = costs.map((cost, round) => Math.log(cost / than[round]!));
	const { mean, margin } = meanOf(ratios);
	const percent = (ratio: number): string => ((Math.exp(ratio) - 1) * 100).toFixed(1);
	return `${percent(mean)} % (${percent(mean - margin)} to ${percent(mean + margin)})`;
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
