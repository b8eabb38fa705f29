import { tmpdir } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { checkVersions } from '../../src/checks/versions.ts';
import { fittingAdapterNode } from '../../src/project/adapter-node.ts';
import { compareVersions, majorOf, satisfies } from '../../src/project/version.ts';

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
	])('%s with %s are supported', (kit, adapterNode) => {
		expect(checkVersions({ kit, adapterNode })).toBeUndefined();
	});

	test.each([
		['1.30.4', '1.3.1', 'kit 1.30.4', '@sveltejs/kit@2 @sveltejs/adapter-node@5'],
		['2.30.0', '5.3.1', 'kit 2.30.0', '@sveltejs/kit@2'],
		['2.31.0', '5.2.16', 'adapter-node 5.2.16', '@sveltejs/adapter-node@5'],
		['3.0.0-next.9', '6.0.0', 'kit 3.0.0-next.9', '@sveltejs/kit@3'],
		['4.0.0', '7.0.0', 'kit 4.0.0', '@sveltejs/kit@3 @sveltejs/adapter-node@6']
	])('%s with %s get a warning, and its command ends it', (kit, adapterNode, start, packages) => {
		vi.stubEnv('npm_config_user_agent', undefined);
		const message = checkVersions({ kit, adapterNode }, tmpdir());
		vi.unstubAllEnvs();
		expect(message).toMatch(new RegExp(`^@sveltejs/${start} \\(expected `));
		expect(message).toMatch(new RegExp(` Install a supported version: npm i -D ${packages}$`));

		// the newest of what the command names
		const installed = (name: string, before: string): string =>
			packages
				.split(' ')
				.find((each) => each.startsWith(`${name}@`))
				?.replace(`${name}@`, '')
				.concat('.999.0') ?? before;
		const after = {
			kit: installed('@sveltejs/kit', kit),
			adapterNode: installed('@sveltejs/adapter-node', adapterNode)
		};
		expect(checkVersions(after)).toBeUndefined();
		expect(fittingAdapterNode(after.kit)).toBe(majorOf(after.adapterNode));
	});
});
