import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import type { App } from '../support/app.ts';
import { openPage, readPage, readSpans } from '../support/page-of-traces.ts';
import { startTracedVite } from '../support/traced-vite.ts';
import { type Upstream, startUpstream } from '../support/upstream.ts';
import { buildDevApp } from './app.ts';

const NO_TRACES = { OTEL_TRACES_EXPORTER: 'none' };
const METRICS = { OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '200' };
const LOGS = { OTEL_LOGS_EXPORTER: 'otlp', OTEL_BLRP_SCHEDULE_DELAY: '20' };
const NOTHING = { ...NO_TRACES, OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };

/** A configuration file with metrics, and one that disables everything. */
const FILES = {
	'metrics.yaml': `
file_format: '1.0'
meter_provider:
  readers: [{ periodic: { interval: 200, exporter: { otlp_http: { endpoint: '\${OTEL_EXPORTER_OTLP_ENDPOINT}/v1/metrics' } } } }]
`,
	'disabled.yaml': `file_format: '1.0'\ndisabled: true\n`
};

type Row = [what: string, command: 'dev' | 'preview', env: Record<string, string>];

const shown: Row[] = [
	['metrics and logs', 'dev', { ...NO_TRACES, ...METRICS, ...LOGS }],
	['metrics', 'preview', { ...NO_TRACES, ...METRICS }],
	['logs', 'preview', { ...NO_TRACES, ...LOGS }],
	['nothing', 'preview', NOTHING],
	['nothing, and an invalid switch', 'preview', { ...NOTHING, OTEL_SDK_DISABLED: 'yes' }]
];

const explained: [...Row, notice: string][] = [
	[
		'OTEL_SDK_DISABLED=true',
		'preview',
		{ ...NO_TRACES, ...METRICS, OTEL_SDK_DISABLED: 'true' },
		'OTEL_SDK_DISABLED=true: nothing is traced. Unset it'
	],
	[
		'a configuration file with metrics',
		'preview',
		{ OTEL_CONFIG_FILE: 'metrics.yaml' },
		'OTEL_CONFIG_FILE turns traces off: the page gets none. Turn them on in its file'
	],
	[
		'a configuration file that disables telemetry',
		'preview',
		{ OTEL_CONFIG_FILE: 'disabled.yaml' },
		'OTEL_CONFIG_FILE turns traces off: the page gets none. Turn them on in its file'
	],
	[
		'a sampler',
		'dev',
		{ OTEL_TRACES_SAMPLER: 'always_off' },
		'The page shows only the requests that are sampled: sampler always_off. Set OTEL_TRACES_SAMPLER=always_on'
	]
];

describe.each(combinations)('%s: the page of traces while traces are off', (combination) => {
	let app: App;
	let upstream: Upstream;

	beforeAll(async () => {
		[app, upstream] = await Promise.all([buildDevApp(combination), startUpstream()]);
	});

	afterAll(() => upstream?.[Symbol.asyncDispose]());

	test.each(shown)('shows traces with %s on in %s', async (_, command, env) => {
		await using vite = await startTracedVite(app, command, { env: { ...env, UPSTREAM_URL: upstream.url } });
		const { server, receiver } = vite;
		await (await server.fetch('/printing?for=before')).text();
		await openPage(server);
		await (await server.fetch('/outgoing')).text();

		const ofRequest = async () => (await readPage(server)).traces.filter(({ path }) => path === '/outgoing');
		await expect.poll(ofRequest, { timeout: 10_000 }).toHaveLength(1);
		expect(await readPage(server)).not.toHaveProperty('notice');
		const spans = await readSpans(server, (await ofRequest())[0]!.id);
		for (const each of ['sveltekit.load outgoing/+page.server.js', 'http.route', '"kind":"CLIENT"'])
			expect(spans, each).toContain(each);

		// the page changes nothing for the other signals, and nothing else is exported
		if ('OTEL_METRIC_EXPORT_INTERVAL' in env) {
			await receiver.waitForPoint(
				({ name, attributes }) =>
					name === 'http.server.request.duration' && attributes['http.route'] === '/outgoing'
			);
		}
		if ('OTEL_BLRP_SCHEDULE_DELAY' in env) {
			await (await server.fetch('/printing?for=shoes')).text();
			await receiver.waitForLog(({ body }) => String(body).includes('looking for shoes'));
		}
		await server.stop();
		expect(receiver.spans).toEqual([]);
	});

	test.each(explained)('says why it shows none with %s in %s', async (_, command, env, notice) => {
		await using vite = await startTracedVite(app, command, { env, files: FILES });
		await openPage(vite.server);
		expect((await vite.server.fetch('/root')).status).toBe(200);
		const shownNow = await readPage(vite.server);
		expect(shownNow.notice, vite.server.output()).toContain(notice);
		expect(shownNow.traces).toEqual([]);
	});

	test('says what is not sampled, and follows the sampling file', async () => {
		const env = { OTEL_SVELTEKIT_SAMPLING_FILE: 'sampling.env' };
		const files = { 'sampling.env': 'OTEL_SVELTEKIT_SAMPLE=/root:0' };
		await using vite = await startTracedVite(app, 'dev', { env, files });
		await openPage(vite.server);
		const notice = async (): Promise<string | undefined> => (await readPage(vite.server)).notice;
		expect(await notice()).toContain('sampling /root:0. Set OTEL_SVELTEKIT_SAMPLE=none in the file');
		await vite.copy.write('sampling.env', 'OTEL_SVELTEKIT_SAMPLE=none');
		await expect.poll(notice, { timeout: 15_000 }).toBeUndefined();
		await (await vite.server.fetch('/root')).text();
		const traces = async (): Promise<unknown[]> => (await readPage(vite.server)).traces;
		await expect.poll(traces, { timeout: 10_000 }).toHaveLength(1);
	});
});
