import { beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { startReceiver } from '../otlp/receiver.ts';
import { type App, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { startUpstream } from '../support/upstream.ts';

/* Other packages that measure, all of them in one app. */

const dependencies = {
	'@opentelemetry/exporter-metrics-otlp-http': '0.203.0',
	'@opentelemetry/host-metrics': '0.36.2',
	'@opentelemetry/instrumentation-runtime-node': '0.17.1',
	// older than ours
	'@opentelemetry/sdk-metrics': '2.0.1',
	'prom-client': '15.1.3',
	undici: '7.16.0'
};

const files = {
	'src/instrumentation.server.js': `
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';

export default {
	metricReaders: [
		new PeriodicExportingMetricReader({
			exporter: new OTLPMetricExporter({ url: process.env.SECOND_COLLECTOR + '/v1/metrics' }),
			exportIntervalMillis: 1000,
			exportTimeoutMillis: 1000
		})
	],
	views: [{ instrumentName: 'nodejs.eventloop.delay.*', aggregation: { type: 1 } }, {}]
};`,
	'src/hooks.server.js': `
import { HostMetrics } from '@opentelemetry/host-metrics';
import { metrics } from '@opentelemetry/api';
import { collectDefaultMetrics } from 'prom-client';

collectDefaultMetrics();
new HostMetrics({ name: 'host' }).start();
metrics.getMeter('hooks').createUpDownCounter('hooks.loaded').add(1);

export const handle = ({ event, resolve }) => resolve(event);`,
	'src/routes/own-metrics/+server.js': `
import { register } from 'prom-client';

export const GET = async () => new Response(await register.metrics());`,
	'src/routes/undici/+server.js': `
import { MockAgent, fetch, request } from 'undici';

export async function GET() {
	await (await fetch(process.env.UPSTREAM_URL)).text();
	await (await request(process.env.UPSTREAM_URL)).body.text();
	const mock = new MockAgent();
	mock.disableNetConnect();
	mock.get('http://mocked.example').intercept({ path: '/' }).reply(200, 'mocked');
	await (await request('http://mocked.example/', { dispatcher: mock })).body.text();
	return new Response('asked');
}`
};

describe.each(combinations.slice(-1))('%s: together with other packages that measure', (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildApp({ combination, overlays: ['api'], files, packageJson: { dependencies } });
	});

	test('every meter and every reader works', async () => {
		await using receiver = await startReceiver();
		await using second = await startReceiver();
		await using upstream = await startUpstream();
		await using server = await startServer(app.build, {
			env: {
				OTEL_TRACES_EXPORTER: 'none',
				OTEL_METRICS_EXPORTER: 'otlp,prometheus',
				OTEL_METRIC_EXPORT_INTERVAL: '300',
				OTEL_EXPORTER_PROMETHEUS_PORT: '0',
				OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
				SECOND_COLLECTOR: second.url,
				UPSTREAM_URL: upstream.url
			}
		});
		expect(await (await server.fetch('/own-metrics')).text()).toContain('process_cpu_user_seconds_total');
		expect(await (await server.fetch('/undici')).text()).toBe('asked');
		for (const at of [receiver, second]) {
			for (const name of [
				'http.server.request.duration',
				'http.client.request.duration',
				'hooks.loaded',
				'process.cpu.time',
				'nodejs.eventloop.utilization'
			])
				await at.waitForPoint((point) => point.name === name);
		}
		const [, endpoint = ''] = /(http:\/\/127\.0\.0\.1:\d+\/metrics)/.exec(server.stderr()) ?? [];
		const text = await (await fetch(endpoint)).text();
		// the format allows each series once
		const series = text
			.split('\n')
			.filter((line) => line && !line.startsWith('#'))
			.map((line) => line.slice(0, line.lastIndexOf(' ')));
		expect(series.filter((each, index) => series.indexOf(each) !== index)).toEqual([]);
		// the instrumentation measures Node in our place
		const scopes = receiver.points.filter(({ name }) => name === 'v8js.memory.heap.used');
		expect(new Set(scopes.map(({ scope }) => scope.name))).toEqual(
			new Set(['@opentelemetry/instrumentation-runtime-node'])
		);
		// the mocked request never was one
		await receiver.waitForPoint(
			({ name, count, attributes }) =>
				name === 'http.client.request.duration' && count === 2 && attributes['server.port'] === upstream.port
		);
		expect(server.stderr()).toContain('instrumentations undici,runtime-node; metrics otlp');
		expect(server.stderr()).toContain('views[1] of src/instrumentation.server is not valid (');
		expect(
			JSON.stringify(receiver.points, (_, value) => (typeof value === 'bigint' ? 0 : value))
		).not.toContain('mocked');
		expect(await server.stop()).toEqual({ code: 0, signal: null });
	});
});
