import { setTimeout as delay } from 'node:timers/promises';
import { type RunningServer, startServer } from '../support/server.ts';
import type { Collector } from './collector.ts';
import { type Cores, pinned } from './cores.ts';
import type { LoadOrder } from './load.ts';
import type { LoadGenerator } from './load-generator.ts';
import { cpuMs, memoryMb } from './process-usage.ts';
import { sumOf } from './statistics.ts';
import type { Variant } from './variants.ts';

/** A page with 15 spans on SvelteKit 3, 14 on 2: a layout's load, a page's with a request to an endpoint of the app, a sequence of two. */
export const PAGE = '/blog/7';
const CONNECTIONS = 16;
/** After this time, the start-up is complete. */
const SETTLE_MS = 300;

/**
 * V8 compiles Node's streams again when the first batches are sent, which is seconds after the start if there are
 * few spans. So each server is warmed up again after the first export, and after the second. In the first warm-up,
 * all requests come from a caller that has sampled them: otherwise, with a ratio of 0.01, the code for sampled
 * requests would run only some hundred times before it is measured.
 */
export const WARM_UPS = 3;
/** Longer than the default delay of a batch. */
const BETWEEN_WARM_UPS_MS = 5500;

/** How much is measured. */
export interface Effort {
	rounds: number;
	/** Starts of each variant in a round; the last one is put under load. */
	starts: number;
	/** Requests of each warm-up, of which there are {@link WARM_UPS}. */
	warmUpRequests: number;
	/** Turns under load in a round. */
	turns: number;
	turnMs: number;
}

/** The result of one round for one variant. */
export interface Sample {
	startCpuMs: number[];
	listeningMs: number[];
	startMemoryMb: number[];
	loadMemoryMb: number;
	requests: number;
	cpuMsPerRequest: number;
	requestsPerSecond: number;
	p50Ms: number;
	p99Ms: number;
	failures: number;
	/** All requests since the start, including the warm-up. */
	served: number;
	arrived: number;
}

/** A variant whose app is built. */
export interface BuiltVariant extends Variant {
	build: string;
}

interface Machine {
	collector: Collector;
	load: LoadGenerator;
	cores: Cores;
}

/**
 * Starts every variant, warms it up, and loads all of them alternately, in turns that are short compared with
 * changes in the speed of the machine. Each round has new processes, because two processes of the same program are
 * not equally fast.
 */
export async function runRound(
	variants: readonly BuiltVariant[],
	effort: Effort,
	machine: Machine
): Promise<Map<string, Sample>> {
	const { collector, load } = machine;
	const running: { variant: BuiltVariant; server: RunningServer; sample: Sample; arrivedBefore: number }[] =
		[];
	const samples = new Map<string, Sample>();

	try {
		for (const variant of variants) {
			const name = nameOf(variant);
			const sample = emptySample();
			samples.set(variant.id, sample);
			for (let start = 1; ; start++) {
				const arrivedBefore = collector.arrived(name);
				const server = await measureStart(variant, sample, machine);
				if (start < effort.starts) {
					await server.stop();
					continue;
				}
				running.push({ variant, server, sample, arrivedBefore });
				break;
			}
		}
		for (let warmUp = 1; warmUp <= WARM_UPS; warmUp++) {
			const since = performance.now();
			for (const { server, sample } of running) {
				const order: LoadOrder = {
					port: server.port,
					path: PAGE,
					connections: CONNECTIONS,
					durationMs: Infinity,
					amount: effort.warmUpRequests,
					hasSampledCaller: warmUp === 1
				};
				sample.served += (await load.run(order)).requests;
			}
			if (warmUp < WARM_UPS) await delay(Math.max(0, since + BETWEEN_WARM_UPS_MS - performance.now()));
		}

		const turns = running.map(() => [] as Turn[]);
		for (let turn = 0; turn < effort.turns; turn++) {
			for (let place = 0; place < running.length; place++) {
				const index = (place + turn) % running.length;
				turns[index]!.push(await measureTurn(running[index]!.server, effort.turnMs, load));
			}
		}
		for (const [index, { server, sample }] of running.entries()) {
			summarize(sample, turns[index]!);
			sample.loadMemoryMb = memoryMb(server.pid);
		}
	} finally {
		await Promise.all(running.map(({ server }) => server.stop()));
	}
	for (const { variant, sample, arrivedBefore } of running) {
		sample.arrived = collector.arrived(nameOf(variant)) - arrivedBefore;
	}
	return samples;
}

async function measureStart(
	variant: BuiltVariant,
	sample: Sample,
	{ collector, cores }: Machine
): Promise<RunningServer> {
	const { node, execArgv } = pinned(cores.server);
	const env: Record<string, string> = { ...variant.env };
	if (env['OTEL_EXPORTER_OTLP_ENDPOINT'] === '') {
		env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.endpoint(nameOf(variant));
	}
	if (env['SENTRY_DSN'] === '') env['SENTRY_DSN'] = `${collector.endpoint('1').replace('//', '//key@')}`;

	const before = performance.now();
	const server = await startServer(variant.build, {
		node,
		execArgv: [...execArgv, ...(variant.execArgv ?? [])],
		env
	});
	sample.listeningMs.push(performance.now() - before);
	await delay(SETTLE_MS);
	sample.startCpuMs.push(cpuMs(server.pid));
	sample.startMemoryMb.push(memoryMb(server.pid));
	return server;
}

interface Turn {
	requests: number;
	cpuMs: number;
	durationMs: number;
	p50Ms: number;
	p99Ms: number;
	failures: number;
}

async function measureTurn(server: RunningServer, durationMs: number, load: LoadGenerator): Promise<Turn> {
	const before = cpuMs(server.pid);
	const result = await load.run({ port: server.port, path: PAGE, connections: CONNECTIONS, durationMs });
	return { ...result, cpuMs: cpuMs(server.pid) - before };
}

function summarize(sample: Sample, turns: readonly Turn[]): void {
	sample.requests = sumOf(turns, ({ requests }) => requests);
	sample.served += sample.requests;
	sample.failures = sumOf(turns, ({ failures }) => failures);
	// not the median of the turns: not all of them have a garbage collection
	sample.cpuMsPerRequest = sumOf(turns, (turn) => turn.cpuMs) / sample.requests;
	sample.requestsPerSecond = (sample.requests / sumOf(turns, (turn) => turn.durationMs)) * 1000;
	sample.p50Ms = sumOf(turns, ({ p50Ms }) => p50Ms) / turns.length;
	sample.p99Ms = sumOf(turns, ({ p99Ms }) => p99Ms) / turns.length;
}

const emptySample = (): Sample => ({
	startCpuMs: [],
	listeningMs: [],
	startMemoryMb: [],
	loadMemoryMb: Number.NaN,
	requests: 0,
	cpuMsPerRequest: Number.NaN,
	requestsPerSecond: Number.NaN,
	p50Ms: Number.NaN,
	p99Ms: Number.NaN,
	failures: 0,
	served: 0,
	arrived: 0
});

/** The name under which the collector counts the spans of a variant. */
const nameOf = ({ group, id }: Variant): string => `${group}.${id}`;
