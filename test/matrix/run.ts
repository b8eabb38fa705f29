import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { listSteps } from './steps.ts';

/*
 * `npm run test:matrix`: one step after the other, because they share the builds; names of steps as arguments
 * run those alone.
 */

const steps = listSteps();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
	const known = steps.map(({ name }) => name).join(', ');
	throw new Error(`there is no step ${unknown.join(', ')} (expected ${known})`);
}

const failed: string[] = [];
for (const { name, env, tests } of steps) {
	if (wanted.length > 0 && !wanted.includes(name)) continue;
	const startedAt = performance.now();
	const vitest = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...tests], {
		env: { ...process.env, ...env },
		stdio: 'inherit'
	});
	const [code] = (await once(vitest, 'close')) as [number | null];
	if (code !== 0) failed.push(name);
	console.log(`${name}: ${code === 0 ? 'passed' : 'FAILED'} in ${seconds(performance.now() - startedAt)}`);
}
if (failed.length > 0) {
	console.error(`failed: ${failed.join(', ')}`);
	process.exitCode = 1;
}

function seconds(ms: number): string {
	return `${Math.round(ms / 1000)} s`;
}
