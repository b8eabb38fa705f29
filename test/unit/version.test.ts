import { describe, expect, test } from 'vitest';
import { checkVersions } from '../../src/checks/versions.ts';
import { compareVersions, satisfies } from '../../src/project/version.ts';

test.each([
	['1.10.0', '1.9.1', 1],
	['1.9.1', '1.10.0', -1],
	['2.0.0', '1.99.99', 1],
	['1.10.0', '1.10.0', 0],
	['v22.17.0', '22.17', 0],
	['3.0.0-next.9', '3.0.0', -1]
])('%s compared to %s is %i', (a, b, sign) => {
	expect(Math.sign(compareVersions(a, b))).toBe(sign);
});

test.each([
	['2.31.0', '^2.31.0 || ^3.0.0', true],
	['2.30.9', '^2.31.0 || ^3.0.0', false],
	['3.2.0', '^2.31.0 || ^3.0.0', true],
	['4.0.0', '^2.31.0 || ^3.0.0', false],
	['3.0.0-next.27', '^2.31.0 || ^3.0.0', false],
	['v22.17.0', '>=22.17', true],
	['v22.16.1', '>=22.17', false],
	['v26.0.0', '>=22.17', true]
])('%s in %s: %s', (version, range, expected) => {
	expect(satisfies(version, range)).toBe(expected);
});

describe('versions of SvelteKit and adapter-node', () => {
	test.each([
		['2.31.0', '5.3.1'],
		['2.70.4', '5.5.7'],
		['3.0.0', '6.0.0'],
		['3.99.0', '6.99.0'],
		[undefined, undefined]
	])('%s with %s is supported', (kit, adapterNode) => {
		expect(checkVersions({ kit, adapterNode })).toEqual([]);
	});

	test.each([
		['2.30.0', '5.3.1', '@sveltejs/kit 2.30.0 is not supported'],
		['2.31.0', '5.2.16', '@sveltejs/adapter-node 5.2.16 is not supported'],
		['4.0.0', '7.0.0', '@sveltejs/kit 4.0.0 is not supported']
	])('%s with %s gets a warning', (kit, adapterNode, start) => {
		expect(checkVersions({ kit, adapterNode })[0]).toMatch(start);
	});
});
