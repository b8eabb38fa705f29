import { cpus } from 'node:os';
import type { Deployment } from './deployment.ts';
import { type Spread, spreadOf } from './statistics.ts';
import type { Effort, Sample } from './round.ts';
import type { LineCost } from './line-costs.ts';
import type { SpanCost } from './span-costs.ts';
import { type GroupId, NOISE, PLAIN, type Variant } from './variants.ts';

/** The results of the bench, as in its JSON file. */
export interface Results {
	groups: Partial<Record<GroupId, GroupResults>>;
	spanCosts: SpanCost[];
	lineCosts: LineCost[];
}

/** The variants of a group, which are measured together. */
export interface GroupResults {
	date: string;
	machine: string;
	node: string;
	kit: string;
	effort: Effort;
	pinned: boolean;
	rows: Row[];
}

/** One variant. */
export interface Row {
	id: string;
	title: string;
	/** CPU time per request, relative to plain adapter-node in the same round. */
	ratio: Spread;
	cpuMsPerRequest: number;
	requestsPerSecond: number;
	p50Ms: number;
	p99Ms: number;
	startCpuMs: Spread;
	listeningMs: number;
	startMemoryMb: number;
	loadMemoryMb: number;
	deployment: Deployment | undefined;
	failures: number;
	/** If every request is traced. */
	spans: { perRequest: number; made: number; arrived: number } | undefined;
}

/** The samples of all rounds of a group, as rows. */
export function toRows(
	variants: readonly Variant[],
	rounds: readonly Map<string, Sample>[],
	deployments: Map<string, Deployment>,
	spansPerRequest: Map<string, number>
): Row[] {
	return variants.map(({ id, title, ratio }) => {
		const samples = rounds.map((round) => round.get(id)!);
		const median = (of: (sample: Sample) => number): number => spreadOf(samples.map(of)).median;
		const arrived = samples.reduce((sum, sample) => sum + sample.arrived, 0);
		const served = samples.reduce((sum, sample) => sum + sample.served, 0);
		const perRequest = spansPerRequest.get(id);
		return {
			id,
			title,
			ratio: spreadOf(rounds.map((round) => round.get(id)!.cpuMsPerRequest / baseOf(round, id))),
			cpuMsPerRequest: median((sample) => sample.cpuMsPerRequest),
			requestsPerSecond: median((sample) => sample.requestsPerSecond),
			p50Ms: median((sample) => sample.p50Ms),
			p99Ms: median((sample) => sample.p99Ms),
			startCpuMs: spreadOf(samples.flatMap((sample) => sample.startCpuMs)),
			listeningMs: spreadOf(samples.flatMap((sample) => sample.listeningMs)).median,
			startMemoryMb: spreadOf(samples.flatMap((sample) => sample.startMemoryMb)).median,
			loadMemoryMb: median((sample) => sample.loadMemoryMb),
			deployment: deployments.get(id),
			failures: samples.reduce((sum, sample) => sum + sample.failures, 0),
			spans:
				ratio === 1 && perRequest !== undefined
					? { perRequest, made: served * perRequest, arrived }
					: undefined
		};
	});
}

/** The mean of both processes without tracing. These two are compared with each other. */
function baseOf(round: Map<string, Sample>, id: string): number {
	const plain = round.get(PLAIN)!.cpuMsPerRequest;
	const again = round.get(NOISE)?.cpuMsPerRequest;
	return id === PLAIN || id === NOISE || again === undefined ? plain : (plain + again) / 2;
}

/** The difference between two processes of the same program: smaller differences are noise. */
export function noiseOf(rows: readonly Row[]): number | undefined {
	const row = rows.find(({ id }) => id === NOISE);
	return row && Math.max(Math.abs(row.ratio.low - 1), Math.abs(row.ratio.high - 1));
}

/** A short description of the machine. */
export const machine = (): string =>
	`${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${process.platform}`;

/** The results of an earlier run, in which groups that were measured again are replaced. */
export const merge = (earlier: Results, newer: Results): Results => ({
	groups: { ...earlier.groups, ...newer.groups },
	spanCosts: newer.spanCosts.length > 0 ? newer.spanCosts : earlier.spanCosts,
	lineCosts: newer.lineCosts.length > 0 ? newer.lineCosts : earlier.lineCosts
});
