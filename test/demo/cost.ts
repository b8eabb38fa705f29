import { type RunningServer, startServer } from '../support/server.ts';

/** One way to run a server. */
export interface Variant {
	name: string;
	build: string;
	env: Record<string, string>;
}

const ROUNDS = 300;

/** Starts every variant, requests the same page from each in turns, and prints the medians in a table. */
export async function compareCost(variants: readonly Variant[]): Promise<string> {
	const rows: { name: string; startMs: number; server: RunningServer; times: number[] }[] = [];
	try {
		for (const { name, build, env } of variants) {
			const begin = performance.now();
			const server = await startServer(build, { env });
			rows.push({ name, startMs: performance.now() - begin, server, times: [] });
		}
		for (let round = 0; round < ROUNDS; round++) {
			for (const { server, times } of rows) {
				const begin = performance.now();
				await (await server.fetch('/blog/hello')).arrayBuffer();
				times.push(performance.now() - begin);
			}
		}
	} finally {
		await Promise.all(rows.map(({ server }) => server.stop()));
	}

	const width = Math.max(...rows.map(({ name }) => name.length));
	return rows
		.map(
			({ name, startMs, times }) =>
				`${name.padEnd(width)}  listening after ${startMs.toFixed(0).padStart(4)} ms, a page in ${median(times).toFixed(2)} ms`
		)
		.join('\n');
}

function median(values: number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
