import { setTimeout as delay } from 'node:timers/promises';
import type { LoopCosts } from './line-costs.ts';
import { spreadOf } from './statistics.ts';

/*
 * Prints lines through the console and does nothing else, in a process of its own (see `line-costs.ts`).
 * The kinds take turns, so that a busy machine slows all of them alike. Writes the CPU time of one line of each
 * kind in microseconds to stderr, as JSON.
 */

/** Lines at a time; then the batches can leave, as between the requests of a server. */
const LINES_PER_TURN = 500;
const TURNS = 20;
const WARM_UP_GROUPS = 5;
const GROUPS = 9;

/** More lines than the queue and the requests in progress hold. */
const STORM = 20_000;

/** Node's own method, from before telemetry started. */
const { log } = (globalThis as unknown as { nodeConsole: Console }).nodeConsole;

/** Prints in turns, and waits until everything is exported. */
async function inTurns(print: typeof console.log): Promise<number> {
	for (let turn = 0; turn < TURNS; turn++) {
		for (let line = 0; line < LINES_PER_TURN; line++) print('paid order %d by', line, 'card');
		await delay(2);
	}
	return TURNS * LINES_PER_TURN;
}

/** Prints without a pause, in which nothing can be exported. */
function inStorm(print: typeof console.log): number {
	for (let line = 0; line < STORM; line++) print('paid order %d by', line, 'card');
	return STORM;
}

async function measure(print: () => number | Promise<number>): Promise<number> {
	const before = process.cpuUsage();
	const lines = await print();
	const { user, system } = process.cpuUsage(before);
	return (user + system) / lines;
}

/** What a line costs beside printing it. */
async function measureGroup(): Promise<LoopCosts> {
	const printed = await measure(() => inTurns(log));
	const exported = await measure(() => inTurns(console.log));
	const below = await measure(() => inTurns(console.debug));
	const stormed = await measure(() => inStorm(log));
	inStorm(console.log);
	// the queue is full now
	const dropped = await measure(() => inStorm(console.log));
	await delay(50);
	return {
		printed,
		exported: exported - printed,
		below: below - printed,
		dropped: dropped - stormed
	};
}

for (let group = 0; group < WARM_UP_GROUPS; group++) await measureGroup();
const groups: LoopCosts[] = [];
for (let group = 0; group < GROUPS; group++) groups.push(await measureGroup());
const median = (kind: keyof LoopCosts): number => spreadOf(groups.map((group) => group[kind])).median;
const costs: LoopCosts = {
	printed: median('printed'),
	exported: median('exported'),
	below: median('below'),
	dropped: median('dropped')
};
process.stderr.write(JSON.stringify(costs));
process.exit();
