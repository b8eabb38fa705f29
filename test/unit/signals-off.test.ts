import { expect, test } from 'vitest';
import { logSignalsOff } from '../../files/diagnostics/signals-off.ts';
import { readEnvironment } from './support/read-environment.ts';
import { captureStderr } from './support/stderr.ts';

const lines = captureStderr();

const requestHook = (): void => {};
const sampler = { shouldSample: () => ({ decision: 0 }) };
const reader = {};
const view = { aggregation: 'drop' };

const start = async (env: Record<string, string>, app = {}, dev?: { isForPageAlone: boolean }) =>
	logSignalsOff((await readEnvironment(env)).settings!, app, env, dev);

const METRICS_ENDPOINT = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318/v1/metrics' };
const LOGS_ENDPOINT = { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://collector:4318/v1/logs' };

test("the app's metric readers and views are logged if metrics are off", async () => {
	await start({}, { metricReaders: [reader], requestHook, views: [view] });
	expect(lines).toEqual([
		expect.stringContaining(
			'metrics are off, because OTEL_METRICS_EXPORTER is not set: there is no use for `metricReaders`, `views` of src/instrumentation.server. Set it to otlp to export metrics, or to none to keep them off without this line'
		)
	]);
});

test('the endpoints of metrics and logs are logged in one line if they are off', async () => {
	await start({ ...METRICS_ENDPOINT, ...LOGS_ENDPOINT }, { views: [view] });
	expect(lines).toEqual([
		expect.stringContaining(
			'metrics and logs are off, because OTEL_METRICS_EXPORTER and OTEL_LOGS_EXPORTER are not set: there is no use for OTEL_EXPORTER_OTLP_METRICS_ENDPOINT and OTEL_EXPORTER_OTLP_LOGS_ENDPOINT and `views` of src/instrumentation.server. Set them to otlp to export metrics and logs, or to none to keep them off without this line'
		)
	]);
});

test('a signal that is off by its variable is not in the line about another', async () => {
	await start({ OTEL_METRICS_EXPORTER: 'none', ...METRICS_ENDPOINT, ...LOGS_ENDPOINT });
	expect(lines).toEqual([
		expect.stringContaining(
			'logs are off, because OTEL_LOGS_EXPORTER is not set: there is no use for OTEL_EXPORTER_OTLP_LOGS_ENDPOINT. Set it to otlp'
		)
	]);
});

test.each<[string, Record<string, string>, object, { isForPageAlone: boolean }?]>([
	['a signal that is on', { OTEL_METRICS_EXPORTER: 'console', ...METRICS_ENDPOINT }, { views: [view] }],
	[
		'a signal that is off by its variable',
		{ OTEL_METRICS_EXPORTER: 'none', ...METRICS_ENDPOINT },
		{ views: [view] }
	],
	['traces that are off by their variable', { OTEL_TRACES_EXPORTER: 'none' }, { requestHook }],
	['a blank exporter, which is logged elsewhere', { OTEL_METRICS_EXPORTER: ' ' }, { views: [view] }],
	['an interval, which platforms set for every app', { OTEL_METRIC_EXPORT_INTERVAL: '1000' }, {}],
	['a blank endpoint', { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: ' ' }, {}],
	['a dev server with its page alone', {}, { views: [view] }, { isForPageAlone: true }],
	['empty lists', {}, { metricReaders: [], views: [] }],
	[
		'a signal that is off by its variable, which counts if the configuration file is not there',
		{ OTEL_CONFIG_FILE: '/missing.yaml', OTEL_METRICS_EXPORTER: 'none' },
		{ views: [view] }
	]
])('nothing is logged about %s', async (_, env, app, dev) => {
	await start(env, app, dev);
	expect(lines).toEqual([]);
});

test('with a configuration file, the providers that it has not are logged', () => {
	const env = { OTEL_CONFIG_FILE: '/sdk.yaml', OTEL_METRICS_EXPORTER: 'otlp', ...LOGS_ENDPOINT };
	const settings = { propagators: [], resource: { attributes: {}, detectors: [] }, isOfFile: true } as const;
	logSignalsOff(settings, { sampler, requestHook, views: [view] }, env);
	expect(lines).toEqual([
		expect.stringContaining(
			'traces and metrics are off, because the file of OTEL_CONFIG_FILE has no tracer_provider and no meter_provider that can be used: there is no use for `sampler`, `requestHook`, `views` of src/instrumentation.server. Add tracer_provider and meter_provider to the file'
		)
	]);
});
