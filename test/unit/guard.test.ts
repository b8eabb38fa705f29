import { expect, test } from 'vitest';

import { chooseSampler } from '../../files/kit/app-parts.ts';
import { guard } from '../../files/diagnostics/guard.ts';
import { captureStderr } from './support/stderr.ts';

const said = captureStderr();

const fail = (): never => {
	throw new Error('no\nluck');
};

test('a function that does not throw is unchanged', async () => {
	const double = guard(
		'double',
		(value: number) => value * 2,
		() => 0
	);
	expect(double(2)).toBe(4);
	const later = guard(
		'later',
		async (value: number) => value,
		async () => 0
	);
	await expect(later(3)).resolves.toBe(3);
	expect(said).toEqual([]);
});

test.each([
	['throws', fail],
	['rejects', async () => fail()],
	[
		'throws what cannot be shown',
		(): never => {
			throw Object.create(null);
		}
	]
])('one that %s is logged once, and ignored', async (_, call) => {
	const guarded = guard<[], unknown>('hook', call, () => 'instead');
	expect([await guarded(), await guarded()]).toEqual(['instead', 'instead']);
	expect(said).toHaveLength(1);
	expect(said[0]).toMatch(/^adapter-node-otel: `hook` of src\/instrumentation\.server has failed \(.*\n$/);
});

const environment = { shouldSample: () => ({ decision: 2 }), toString: () => 'environment' };
const own = { shouldSample: () => ({ decision: 0 }), toString: () => 'own' };
const decide = (sampler: Parameters<typeof chooseSampler>[0], env = {}): number =>
	(chooseSampler(sampler, environment, env).shouldSample as () => { decision: number })().decision;

test.each([
	['none', undefined, {}, 2],
	['one', own, {}, 0],
	['one, but the environment names another', own, { OTEL_TRACES_SAMPLER_ARG: '0.5' }, 2],
	['a function, whatever the environment names', () => own, { OTEL_TRACES_SAMPLER_ARG: '0.5' }, 0],
	['a function that fails', fail, {}, 2],
	['a function that returns nothing', () => undefined as never, {}, 2],
	['one that fails', { ...own, shouldSample: fail }, {}, 2],
	['one that decides nothing', { ...own, shouldSample: () => ({}) as never }, {}, 2]
])('with %s of the app, the right sampler decides', (_, sampler, env, decision) => {
	expect(decide(sampler, env)).toBe(decision);
});
