import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { NEWEST_TESTED, OLDEST_KIT } from '../../src/project/tested-versions.ts';
import { satisfies } from '../../src/project/version.ts';
import { listSteps } from '../matrix/steps.ts';
import { type Combination, matrix } from '../support/matrix.ts';
import { nodeVersions } from '../support/node-binary.ts';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

/** The cells of the rows below a heading of the manual. */
function tableBelow(heading: string): string[][] {
	const [, section = ''] = read('docs/sveltekit-versions.md').split(`\n${heading}\n`);
	const [, ...rows] = section
		.split('\n## ')[0]!
		.split('\n')
		.filter((line) => line.startsWith('|'));
	return rows.slice(1).map((row) =>
		row
			.split('|')
			.slice(1, -1)
			.map((cell) => cell.trim())
	);
}

test('the manual names the versions that the suite runs with', () => {
	expect(tableBelow('## Supported versions')).toEqual(
		Object.values(matrix).map(({ kit, adapterNode, svelte, vite }) => [kit, adapterNode, svelte, vite])
	);
});

test('the manual names the versions of Node that the suite runs on', () => {
	const [, versions = ''] = /^Node ([\d., ]+)\. /m.exec(read('docs/sveltekit-versions.md')) ?? [];
	expect(versions.split(', ').sort()).toEqual(Object.values(nodeVersions).sort());
});

test.each(Object.values(matrix))(
	'SvelteKit $kit with adapter-node $adapterNode is in the peer ranges',
	(versions) => {
		const { peerDependencies } = packageJson;
		expect(satisfies(versions.kit, peerDependencies['@sveltejs/kit'])).toBe(true);
		expect(satisfies(versions.adapterNode, peerDependencies['@sveltejs/adapter-node'])).toBe(true);
	}
);

test('every step of test:matrix is a job of the workflow', () => {
	const steps = listSteps('24.0.0').map(({ name }) => name);
	const [, jobs = ''] = /^\s+step: \[(.*)\]$/m.exec(read('.github/workflows/ci.yml')) ?? [];
	expect(jobs.split(', ').sort()).toEqual(steps.sort());
});

test('the workflow runs what .ci/run runs', () => {
	const scripts = [...read('.ci/run').matchAll(/^(?:\w+=\S+ )*npm (?:run --silent )?(\S+)/gm)].map(
		([, name]) => name!
	);
	expect(scripts.length).toBeGreaterThan(8);
	const workflow = read('.github/workflows/ci.yml');
	expect(scripts.filter((name) => !new RegExp(`(npm (run )?|')${name}\\b`).test(workflow))).toEqual([]);
});

test('the build names the oldest and the newest versions that the suite runs with', () => {
	const versionsOf = ({ kit, adapterNode }: Combination): object => ({ kit, adapterNode });
	expect(OLDEST_KIT).toBe(matrix['kit-2-oldest'].kit);
	expect(NEWEST_TESTED).toEqual({ 2: versionsOf(matrix['kit-2']), 3: versionsOf(matrix['kit-3']) });
});
