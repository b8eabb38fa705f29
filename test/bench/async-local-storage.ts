import { AsyncLocalStorage } from 'node:async_hooks';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shuffled, spreadOf } from './statistics.ts';

/*
 * What `AsyncLocalStorage.run` costs, as it is and with the patch of `docs/upstream`: nanoseconds of CPU a call,
 * in turns in one process. `node --expose-internals --no-deprecation test/bench/async-local-storage.ts`
 */

const ROUNDS = 40;
const WARM_UP_ROUNDS = 10;
const CALLS = 100_000;
const MODULE = 'internal/async_local_storage/async_context_frame';
const PATCH = fileURLToPath(new URL('../../docs/upstream/async-local-storage.patch', import.meta.url));
const work = fileURLToPath(new URL('../../node_modules/.cache/async-local-storage', import.meta.url));

const requireInternal = createRequire(import.meta.url);

/** Node's module, from a patched copy of its source. */
function loadPatched(): typeof AsyncLocalStorage {
	const { binding } = process as unknown as { binding(name: 'natives'): Record<string, string> };
	const file = join(work, 'lib', `${MODULE}.js`);
	rmSync(work, { recursive: true, force: true });
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, binding('natives')[MODULE]!);
	// as in `record-span.ts`: git would treat the folder as a part of this repository
	execFileSync('patch', ['-s', '-p1', '-i', PATCH], { cwd: work });
	const source = readFileSync(file, 'utf8');
	rmSync(work, { recursive: true, force: true });

	const { primordials } = requireInternal('internal/test/binding') as { primordials: object };
	const module: { exports?: typeof AsyncLocalStorage } = {};
	new Function('module', 'require', 'primordials', source)(module, requireInternal, primordials);
	return module.exports!;
}

const asIs = new AsyncLocalStorage();
const patched = new (loadPatched())();
const task = (): void => {};
const stores = [{}, {}];
const variants: Record<string, (call: number) => void> = {
	'`run` as it is': (call) => asIs.run(stores[call & 1], task),
	'`run` with the patch': (call) => patched.run(stores[call & 1], task)
};

const found = new Map(Object.keys(variants).map((name) => [name, [] as number[]]));
// as in an app with a store of its own
new AsyncLocalStorage().run({}, () => {
	for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
		for (const [name, run] of shuffled(Object.entries(variants))) {
			const before = process.cpuUsage();
			for (let call = 0; call < CALLS; call++) run(call);
			const { user, system } = process.cpuUsage(before);
			if (round >= 0) found.get(name)!.push(((user + system) * 1000) / CALLS);
		}
	}
});

console.log(`| Node ${process.version.slice(1)} | ns of CPU a call |`);
console.log('| --- | ---: |');
for (const [name, costs] of found) {
	const { median, low, high } = spreadOf(costs);
	console.log(`| ${name} | ${median.toFixed(0)} (${low.toFixed(0)} to ${high.toFixed(0)}) |`);
}
