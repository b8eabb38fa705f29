import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as api from '@opentelemetry/api';
import { shuffled, spreadOf } from './statistics.ts';

/*
 * What SvelteKit's `record_span` costs with the API and nothing behind it, as it is and with the patch of
 * `docs/upstream`: nanoseconds of CPU a span, in turns in one process. `node test/bench/record-span.ts`
 */

const ROUNDS = 40;
const WARM_UP_ROUNDS = 10;
const SPANS = 100_000;
const FILE = 'exports/internal/server/telemetry.js';

interface Telemetry {
	init_tracing(module: Promise<typeof api>): void;
	record_span(options: object): Promise<unknown>;
}

const repository = fileURLToPath(new URL('../..', import.meta.url));
const work = join(repository, 'node_modules/.cache/record-span');
rmSync(work, { recursive: true, force: true });

/** SvelteKit's module, from a copy. */
async function load(name: string, patch?: string): Promise<Telemetry> {
	const src = join(work, name, 'packages/kit/src');
	mkdirSync(src, { recursive: true });
	cpSync(join(repository, 'node_modules/@sveltejs/kit/src'), src, { recursive: true });
	if (patch) execFileSync('patch', ['-s', '-p1', '-i', patch], { cwd: join(work, name) });
	const telemetry = (await import(pathToFileURL(join(src, FILE)).href)) as Telemetry;
	telemetry.init_tracing(Promise.resolve(api));
	return telemetry;
}

const asIs = await load('as-is');
const patched = await load('patched', join(repository, 'docs/upstream/record-span.patch'));
const options = { name: 'sveltekit.load', attributes: { 'http.route': '/blog/[slug]' }, fn: async () => {} };
const variants: Record<string, () => Promise<unknown>> = {
	'the function alone': () => options.fn(),
	'record_span as it is': () => asIs.record_span(options),
	'record_span with the patch': () => patched.record_span(options)
};

const found = new Map(Object.keys(variants).map((name) => [name, [] as number[]]));
for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
	for (const [name, run] of shuffled(Object.entries(variants))) {
		const before = process.cpuUsage();
		for (let span = 0; span < SPANS; span++) await run();
		const { user, system } = process.cpuUsage(before);
		if (round >= 0) found.get(name)!.push(((user + system) * 1000) / SPANS);
	}
}
rmSync(work, { recursive: true, force: true });

console.log('| no SDK behind it | ns of CPU a span |');
console.log('| --- | ---: |');
for (const [name, costs] of found) {
	const { median, low, high } = spreadOf(costs);
	console.log(`| ${name} | ${median.toFixed(0)} (${low.toFixed(0)} to ${high.toFixed(0)}) |`);
}
