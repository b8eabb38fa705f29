import { setTimeout as delay } from 'node:timers/promises';
import { spreadOf } from './statistics.ts';

/*
 * Prints lines through the console and does nothing else, in a process of its own (see `line-costs.ts`).
 * Writes the CPU time of one line in microseconds to stderr, its export included.
 */

/** Lines at a time; then the batches can leave, as between the requests of a server. */
const LINES_PER_TURN = 500;
const WARM_UP_TURNS = 100;
const GROUPS = 9;
const TURNS_IN_GROUP = 20;

async function print(turns: number): Promise<void> {
	for (let turn = 0; turn < turns; turn++) {
		for (let line = 0; line < LINES_PER_TURN; line++) console.log('paid order %d by', line, 'card');
		await delay(2);
	}
}

await print(WARM_UP_TURNS);
const costs: number[] = [];
for (let group = 0; group < GROUPS; group++) {
	const before = process.cpuUsage();
	await print(TURNS_IN_GROUP);
	const { user, system } = process.cpuUsage(before);
	costs.push((user + system) / (TURNS_IN_GROUP * LINES_PER_TURN));
}
process.stderr.write(String(spreadOf(costs).median));
process.exit();
