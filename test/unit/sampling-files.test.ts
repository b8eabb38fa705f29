import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { describeSampler } from '../../files/config/sampler.ts';
import { SamplingFiles, type SamplingSettings } from '../../files/sampling/watch-files.ts';
import { readSamplingFile } from '../../files/sampling/sampling-file.ts';
import { mountFile } from '../support/mounted-file.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { readEnvironment } from './support/read-environment.ts';
import { captureStderr } from './support/stderr.ts';

const RATIO = 'OTEL_TRACES_SAMPLER_ARG';

const IN_FORCE: SamplingSettings = {
	sampler: { name: 'parentbased', root: { name: 'traceidratio', ratio: 1 } },
	sample: {},
	keepErrors: false,
	keepSlowerThanMs: undefined
};

/** A configuration file with a ratio. */
const configFile = (ratio: number | string): string =>
	`file_format: '1.0'\ntracer_provider: { sampler: { trace_id_ratio_based: { ratio: ${ratio} } }, processors: [{ simple: { exporter: { console: {} } } }] }\n`;

let dir: string;
const told = captureStderr();
let stop: (() => void) | undefined;

beforeEach(() => {
	dir = makeTempDir();
});

afterEach(() => {
	stop?.();
});

/** Follows files, and notes what comes into force. */
function follow(env: NodeJS.ProcessEnv): SamplingSettings[] {
	const applied: SamplingSettings[] = [];
	const files = new SamplingFiles({}, env, IN_FORCE, ({ sampler }) =>
		Object.assign(new AlwaysOffSampler(), { toString: () => describeSampler(sampler) })
	);
	stop = files.watch(
		(settings) => {
			applied.push(settings);
			// the sampler is replaced before the line is logged
			expect(String(files.sampler)).toBe(describeSampler(settings.sampler));
		},
		{ everyMs: 20 }
	);
	return applied;
}

const line = (): Promise<string> => vi.waitFor(() => told.shift() ?? expect.fail('nothing logged'), 5000);

describe.skipIf(process.platform === 'win32')('a file that is mounted', () => {
	test('changes the sampler, the routes and what is kept, also through a symbolic link', async () => {
		const { path: file, swap } = mountFile('sampling.env', `${RATIO}=1\n`);
		const applied = follow({ OTEL_SVELTEKIT_SAMPLING_FILE: file });
		swap(
			`# tonight\n${RATIO}=0.5\nOTEL_SVELTEKIT_SAMPLE=/a:0\nOTEL_SVELTEKIT_KEEP_ERRORS=true\nOTEL_SVELTEKIT_KEEP_SLOWER_THAN=5\n`
		);
		expect(await line()).toBe(
			`adapter-node-otel: ${JSON.stringify(file)} has changed, from now on: sampler parentbased_traceidratio 0.5; keeping errors and requests slower than 5 ms; sampling /a:0\n`
		);
		expect(applied).toMatchObject([{ keepErrors: true, keepSlowerThanMs: 5, sample: { '/a': 0 } }]);
		swap('');
		expect(await line()).toMatch(/from now on: sampler parentbased_traceidratio 1\n$/);
	});

	test('that is invalid changes nothing, which is logged once', async () => {
		const { path: file, swap, remove } = mountFile('sampling.env', `${RATIO}=1\n`);
		const applied = follow({ OTEL_SVELTEKIT_SAMPLING_FILE: file });
		swap(`${RATIO}=2\n`);
		expect(await line()).toMatch(
			/has changed, in which OTEL_TRACES_SAMPLER_ARG is "2", where a decimal number .* is expected: nothing changes until the file is valid\n$/
		);
		swap(`# the same\n${RATIO}=2\n`);
		remove();
		expect(await line()).toMatch(/has changed, which cannot be read \(ENOENT\): nothing changes/);
		expect(applied).toEqual([]);
	});

	test('can be OTEL_CONFIG_FILE, of which only the sampler can change', async () => {
		const { path: file, swap } = mountFile('sdk.yaml', configFile(1));
		const applied = follow({ OTEL_CONFIG_FILE: file, OTEL_SVELTEKIT_KEEP_ERRORS: 'true' });
		swap(configFile(0.25));
		expect(await line()).toMatch(/from now on: sampler traceidratio 0\.25; keeping errors\n$/);
		swap(configFile('2'));
		expect(await line()).toMatch(/has changed, which is not valid .*: nothing changes/);
		swap(`file_format: '1.0'\n`);
		expect(await line()).toMatch(/has changed, which no longer has traces .*: nothing changes/);
		expect(applied).toHaveLength(1);
	});
});

test('a file that is created later is used', async () => {
	const file = path.join(dir, 'later.env');
	follow({ OTEL_SVELTEKIT_SAMPLING_FILE: file });
	writeFileSync(file, `${RATIO}=0.5`);
	expect(await line()).toMatch(/from now on: sampler parentbased_traceidratio 0\.5\n$/);
});

test.each([
	['ratio: 0.1', /has no line VARIABLE=value/],
	['OTEL_SERVICE_NAME=shop', /in which "OTEL_SERVICE_NAME" is not one of OTEL_TRACES_SAMPLER, /],
	[`${RATIO}=`, /in which OTEL_TRACES_SAMPLER_ARG is ""/],
	['OTEL_SVELTEKIT_SAMPLE=/a', /in which OTEL_SVELTEKIT_SAMPLE is "\/a"/]
])('a file with %j cannot be used', (text, problem) => {
	const file = path.join(dir, 'bad.env');
	writeFileSync(file, text);
	expect(() => readSamplingFile(file)).toThrow(problem);
});

describe('at the start', () => {
	test('the file has precedence over the environment', async () => {
		const file = path.join(dir, 'a.env');
		writeFileSync(file, `${RATIO}=0.5`);
		const { settings, lines } = await readEnvironment({ OTEL_SVELTEKIT_SAMPLING_FILE: file, [RATIO]: '0.1' });
		expect(settings!.traces!.sampler).toEqual({
			name: 'parentbased',
			root: { name: 'traceidratio', ratio: 0.5 }
		});
		expect(lines).toEqual([]);
	});

	test('an invalid one is logged, and the environment is used', async () => {
		const file = path.join(dir, 'none.env');
		const { settings, lines } = await readEnvironment({ OTEL_SVELTEKIT_SAMPLING_FILE: file, [RATIO]: '0.1' });
		expect(settings!.traces!.sampler).toMatchObject({ root: { ratio: 0.1 } });
		expect(lines).toEqual([
			`OTEL_SVELTEKIT_SAMPLING_FILE is ${JSON.stringify(file)}, which cannot be read (ENOENT): the environment is used until the file has changed. Expected the path of a readable file with lines VARIABLE=value`
		]);
	});
});
