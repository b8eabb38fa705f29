import { expect, test } from 'vitest';
import { readSettings } from '../../files/config/settings.ts';
import { describeSampler } from '../../files/config/sampler.ts';
import { describeSampling } from '../../files/dev/sampling-notice.ts';

const START = 'The page shows only the requests that are sampled:';

test.each([
	[{}, undefined],
	[{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' }, undefined],
	[{ OTEL_TRACES_SAMPLER: 'parentbased_always_on', OTEL_SVELTEKIT_SAMPLE: '/checkout/**:1' }, undefined],
	[
		{ OTEL_TRACES_SAMPLER_ARG: '0.01' },
		'sampler parentbased_traceidratio 0.01. Set OTEL_TRACES_SAMPLER=always_on to see all.'
	],
	[
		{ OTEL_TRACES_SAMPLER: 'always_off' },
		'sampler always_off. Set OTEL_TRACES_SAMPLER=always_on to see all.'
	],
	[{ OTEL_SVELTEKIT_SAMPLE: '/health:0' }, 'sampling /health:0. Set OTEL_SVELTEKIT_SAMPLE=none to see all.'],
	[
		{
			OTEL_TRACES_SAMPLER: 'traceidratio',
			OTEL_TRACES_SAMPLER_ARG: '0.5',
			OTEL_SVELTEKIT_SAMPLE: '/health:0',
			OTEL_SVELTEKIT_SAMPLING_FILE: '/dev/null'
		},
		'sampler traceidratio 0.5; sampling /health:0. Set OTEL_TRACES_SAMPLER=always_on in the file of OTEL_SVELTEKIT_SAMPLING_FILE and OTEL_SVELTEKIT_SAMPLE=none in the file of OTEL_SVELTEKIT_SAMPLING_FILE to see all.'
	],
	[
		{ OTEL_CONFIG_FILE: '/missing.yaml', OTEL_TRACES_SAMPLER: 'always_off' },
		'sampler always_off. Set OTEL_TRACES_SAMPLER=always_on to see all.'
	]
])('the page of traces explains what sampling leaves out with %j', async (env, expected) => {
	const { traces, sample, isOfFile = false } = (await readSettings({}, env, () => {}))!;
	const sampling = { sampler: describeSampler(traces!.sampler), isOwn: false, sample, isOfFile };
	expect(describeSampling(sampling, env)).toBe(expected && `${START} ${expected}`);
});

test('the page of traces names the place of other samplers', () => {
	const rest = { sample: {}, isOfFile: true };
	expect(describeSampling({ sampler: 'always_off', isOwn: false, ...rest }, {})).toBe(
		`${START} sampler always_off. Set the sampler always_on in the file of OTEL_CONFIG_FILE to see all.`
	);
	const sampler = 'of src/instrumentation.server';
	expect(describeSampling({ sampler, isOwn: true, ...rest }, {})).toBe(
		`${START} sampler ${sampler}. Set another sampler there to see all.`
	);
});
