/*
 * `npm run bench:dev`: what `vite dev` costs with this package and nothing set, beside plain adapter-node: the
 * time until it listens and until the first page is served, and the CPU time of both. They take turns in random
 * order. ROUNDS is the number of rounds, 10 by default.
 */
import { buildApp } from '../support/app.ts';
import type { AdapterName } from '../support/app-config.ts';
import { startVite } from '../support/vite-server.ts';
import { cpuMs } from './process-usage.ts';
import { shuffled, spreadOf } from './statistics.ts';

const rounds = Number(process.env['ROUNDS'] ?? 10);
const adapters: readonly AdapterName[] = ['@sveltejs/adapter-node', 'adapter-node-otel'];

/** What is measured, in milliseconds. */
const measures = ['listens', 'listens, CPU', 'first page', 'first page, CPU'] as const;
type Sample = Record<(typeof measures)[number], number>;

async function measure(dir: string): Promise<Sample> {
	const began = performance.now();
	await using server = await startVite(dir, 'dev');
	const listens = performance.now() - began;
	const listensCpu = cpuMs(server.pid);
	await (await server.fetch('/blog/hello')).text();
	return {
		listens,
		'listens, CPU': listensCpu,
		'first page': performance.now() - began,
		'first page, CPU': cpuMs(server.pid)
	};
}

for (const combination of ['kit-2', 'kit-3'] as const) {
	const dirs = new Map<AdapterName, string>();
	for (const adapter of adapters) dirs.set(adapter, (await buildApp({ combination, adapter })).dir);
	const samples = new Map<AdapterName, Sample[]>(adapters.map((adapter) => [adapter, []]));
	// the first round fills Vite's cache
	for (let round = 0; round <= rounds; round++) {
		for (const [adapter, dir] of shuffled([...dirs])) {
			const sample = await measure(dir);
			if (round > 0) samples.get(adapter)!.push(sample);
		}
	}
	console.log(`\n${combination}, ${rounds} rounds: median (quartiles) in milliseconds`);
	for (const name of measures) {
		const [plain, ours] = adapters.map((adapter) =>
			spreadOf(samples.get(adapter)!.map((each) => each[name]))
		);
		const text = [plain!, ours!].map(
			({ median, low, high }) => `${median.toFixed(0)} (${low.toFixed(0)} to ${high.toFixed(0)})`
		);
		console.log(
			`${name.padEnd(16)} plain ${text[0]!.padEnd(22)} ours ${text[1]!.padEnd(22)} ratio ${(ours!.median / plain!.median).toFixed(3)}`
		);
	}
}
