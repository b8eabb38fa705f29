import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { exec } from '../support/exec.ts';
import { makeTempDir } from '../support/temp-dir.ts';

interface Job {
	permissions?: { issues?: string };
	'timeout-minutes'?: number;
	steps: Step[];
}

interface Step {
	if?: string;
	uses?: string;
	run?: string;
	env?: Record<string, string>;
	'timeout-minutes'?: number;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const workflows = path.join(root, '.github/workflows');

/** Nobody looks at a workflow that runs on a schedule. */
const scheduled = readdirSync(workflows)
	.map((file) => [file, parse(readFileSync(path.join(workflows, file), 'utf8'))] as const)
	.filter(([, { on }]) => on.schedule)
	.flatMap(([file, { jobs }]) =>
		Object.entries<Job>(jobs).map(([name, job]) => [`${name} of ${file}`, job] as const)
	);

/**
 * Runs a step as GitHub does, with a `gh` that notes its arguments, in the empty directory of a job whose checkout has
 * failed.
 *
 * @param open the number of open issues that it finds
 */
async function runStep({ run = '', env = {} }: Step, open: number): Promise<string[][]> {
	const bin = makeTempDir();
	const gh = path.join(bin, 'gh');
	const calls = path.join(bin, 'calls');
	writeFileSync(
		gh,
		`#!${process.execPath}\nrequire('node:fs').appendFileSync(${JSON.stringify(calls)}, JSON.stringify(process.argv.slice(2)) + '\\n');\nif (process.argv[3] === 'list') console.log(${open});\n`
	);
	chmodSync(gh, 0o755);
	await exec('bash', ['-e', '-c', run], {
		cwd: makeTempDir(),
		env: {
			...env,
			PATH: `${bin}:${process.env['PATH']}`,
			GITHUB_SERVER_URL: 'https://github.com',
			GITHUB_REPOSITORY: 'owner/name',
			GITHUB_JOB: 'audit',
			GITHUB_RUN_ID: '7'
		}
	});
	return readFileSync(calls, 'utf8')
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
}

describe.each(scheduled)('%s', (_, { permissions, steps, 'timeout-minutes': limit = 0 }) => {
	const last = steps.at(-1)!;

	test('opens an issue if it fails', async () => {
		expect(last.if).toBe('failure()');
		expect(permissions?.issues).toBe('write');
		expect(last.env).toEqual({
			GH_TOKEN: '${{ github.token }}',
			GH_REPO: '${{ github.repository }}',
			TITLE: expect.any(String)
		});
		const [list, create] = await runStep(last, 0);
		const title = create![create!.indexOf('--title') + 1]!;
		// it can be any step, such as an installation
		expect(title).toMatch(/^The (audit|test) .+ has failed$/);
		expect(list).toContain(`in:title "${title}"`);
		expect(create!.at(-1)).toBe(
			'The job `audit` has failed. Its log has the step and the reason: https://github.com/owner/name/actions/runs/7'
		);
	});

	// a job that reaches its own limit is cancelled, and `failure()` is false
	test('fails if a step hangs', () => {
		const limits = steps.map((step) => step['timeout-minutes']);
		expect(steps.filter((step) => !step['timeout-minutes'])).toEqual([]);
		expect(limits.reduce<number>((sum, each) => sum + Number(each), 0)).toBeLessThan(limit);
	});

	test('opens no second issue', async () => {
		expect(await runStep(last, 1)).toHaveLength(1);
	});
});

test('all open it in the same way', () => {
	expect(new Set(scheduled.map(([, { steps }]) => steps.at(-1)!.run)).size).toBe(1);
});

test('there are scheduled workflows', () => {
	expect(scheduled.length).toBeGreaterThan(2);
});
