import { cpus } from 'node:os';
import type { Deployment } from './deployment.ts';
import { type Spread, spreadOf } from './statistics.ts';
import type { Effort, Sample } from './round.ts';
import type { LineCost } from './line-costs.ts';
import type { SpanCost } from './span-costs.ts';
import { type GroupId, NOISE, PLAIN, type Variant } from './variants.ts';

/** What the bench has found out: what its JSON holds. */
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
	/** CPU time per request over the one of plain adapter-node in the same round. */
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
	/** Where every request is traced. */
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

/** Both processes without tracing, but for the one that is compared with the other. */
function baseOf(round: Map<string, Sample>, id: string): number {
	const plain = round.get(PLAIN)!.cpuMsPerRequest;
	const again = round.get(NOISE)?.cpuMsPerRequest;
	return id === PLAIN || id === NOISE || again === undefined ? plain : (plain + again) / 2;
}

/** How far apart two processes of the same program are: nothing smaller means anything. */
export function noiseOf(rows: readonly Row[]): number | undefined {
	const row = rows.find(({ id }) => id === NOISE);
	return row && Math.max(Math.abs(row.ratio.low - 1), Math.abs(row.ratio.high - 1));
}

/** The machine in a few words. */
export const machine = (): string =>
	`${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${process.platform}`;

/** The results of an earlier run, with those of the groups that were measured again in their place. */
export const merge = (earlier: Results, newer: Results): Results => ({
	groups: { ...earlier.groups, ...newer.groups },
	spanCosts: newer.spanCosts.length > 0 ? newer.spanCosts : earlier.spanCosts,
	lineCosts: newer.lineCosts.length > 0 ? newer.lineCosts : earlier.lineCosts
});
