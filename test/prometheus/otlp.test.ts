import { JsonMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findBinary } from '../collector/harness.ts';
import { FAILING_REQUEST, ask, buildDemo } from '../demo/requests.ts';
import { type Prometheus, startPrometheus } from '../services/prometheus.ts';
import type { App } from '../support/app.ts';
import { readDashboard } from '../support/dashboard.ts';
import { readYaml, withoutThreshold } from '../support/metrics-manual.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { ManualReader } from '../unit/support/manual-reader.ts';

/*
 * A Prometheus that receives metrics over OTLP, which the one of Debian 12 is too old for:
 * `node test/collector/build.mjs prometheus`.
 */
const found = findBinary('prometheus');
const [command, why] = 'path' in found ? [found.path, ''] : ['', ` (skipped: ${found.missing})`];
if (!command && process.env['REQUIRE_COLLECTOR']) throw new Error(`there is no Prometheus${why}`);

const DURATION = 'http_server_request_duration_seconds';

/** The rule files of the manual as one: a Prometheus can have services of both kinds. */
const rules = `groups:\n${readYaml('groups').join('').replaceAll('groups:\n', '')}`;

/** What the manual adds to `prometheus.yml`. */
const [promotion = ''] = readYaml('otlp');

/** Starts a Prometheus that receives OTLP. */
const startReceiving = (config: object): Promise<Prometheus> =>
	startPrometheus({}, rules, makeTempDir(), {
		command,
		args: ['--web.enable-otlp-receiver', '--enable-feature=exemplar-storage,otlp-deltatocumulative'],
		config
	});

/** Starts a server that sends its metrics to it. */
const startSending = (
	{ build }: App,
	{ url }: Prometheus,
	service: string,
	env: Record<string, string> = {}
): Promise<RunningServer> =>
	startServer(build, {
		env: {
			OTEL_SERVICE_NAME: service,
			OTEL_TRACES_EXPORTER: 'console',
			OTEL_METRICS_EXPORTER: 'otlp',
			OTEL_METRIC_EXPORT_INTERVAL: '500',
			OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${url}/api/v1/otlp/v1/metrics`,
			...env
		}
	});

/** Counts the same with two meters, and sends both; resolves with the status. */
async function sendTwoMeters({ url }: Prometheus): Promise<number> {
	const reader = new ManualReader();
	const resource = resourceFromAttributes({ 'service.name': 'meters' });
	const provider = new MeterProvider({ readers: [reader], resource });
	for (const meter of ['a', 'b']) provider.getMeter(meter).createCounter('calls').add(1, { kind: 'x' });
	const { resourceMetrics } = await reader.collect();
	const { status } = await fetch(`${url}/api/v1/otlp/v1/metrics`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JsonMetricsSerializer.serializeRequest(resourceMetrics)!
	});
	return status;
}

const exponential = {
	OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram'
};
const delta = { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' };

describe.skipIf(!command)(`a Prometheus that receives OTLP${why}`, () => {
	let app: App;
	let prometheus: Prometheus;

	beforeAll(async () => {
		app = await buildDemo();
		prometheus = await startReceiving({});
	});
	afterAll(() => prometheus?.stop());

	test.each<[string, string, Record<string, string>]>([
		['histograms', 'histograms', {}],
		['histograms over JSON', 'json', { OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' }],
		['histograms as deltas', 'deltas', delta],
		['exponential histograms', 'native', exponential],
		['exponential histograms as deltas', 'native-deltas', { ...exponential, ...delta }]
	])('has %s, with exemplars, and no request is missing', async (_, service, env) => {
		await using server = await startSending(app, prometheus, service, env);
		const isNative = service.startsWith('native');
		const labels = `{job="${service}",http_route="/blog/[slug]"}`;
		const count = async (): Promise<number> => {
			const query = isNative ? `histogram_count(${DURATION}${labels})` : `${DURATION}_count${labels}`;
			return (await prometheus.query(query))[0]?.value ?? 0;
		};
		let sent = 0;
		const send = async (): Promise<void> => {
			await ask(server, FAILING_REQUEST);
			await (await server.fetch('/blog/hello')).text();
			sent++;
		};
		await send();
		// in more than one interval
		await expect.poll(count, { timeout: 20_000 }).toBe(1);
		for (let request = 0; request < 9; request++) await send();
		expect(await server.stop()).toEqual({ code: 0, signal: null });

		expect(await count()).toBe(sent);
		const quantile = isNative
			? `histogram_quantile(0.5, ${DURATION}${labels})`
			: `histogram_quantile(0.5, ${DURATION}_bucket${labels})`;
		expect((await prometheus.query(quantile))[0]!.value).toBeGreaterThan(0);
		const exemplars = await prometheus.queryExemplars(`${DURATION}${isNative ? '' : '_bucket'}${labels}`);
		expect(exemplars.length).toBeGreaterThan(0);
		for (const { labels: ids } of exemplars) expect(server.stdout()).toContain(ids.trace_id);
		// as the manual's table has them
		for (const name of [
			'http_server_active_requests',
			'nodejs_eventloop_delay_p99_seconds',
			'nodejs_eventloop_utilization_ratio',
			'v8js_memory_heap_used_bytes'
		])
			expect(await prometheus.query(`${name}{job="${service}"}`), name).not.toEqual([]);
		expect(server.stderr()).not.toMatch(/lost|does not accept|rejected/);

		/** The values for this service, by route. */
		const answer = async (query: string): Promise<Record<string, number>> =>
			Object.fromEntries(
				(await prometheus.query(query))
					.filter(({ metric }) => metric['job'] === service)
					.map(({ metric, value }) => [metric['http_route'] ?? '', value])
			);
		for (const { title, queries } of readDashboard(service)) {
			const answers = await Promise.all(queries.map(answer));
			// one of two queries is for the other kind of histograms
			const [values = {}, ...others] = answers.filter((each) => Object.keys(each).length > 0);
			expect(others, title).toEqual([]);
			const routes = title.startsWith('Errors')
				? ['/error/unexpected']
				: ['/blog/[slug]', '/error/unexpected'];
			const isByRoute = queries[0]!.includes('http_route');
			expect(Object.keys(values).toSorted(), title).toEqual(isByRoute ? routes : ['']);
			for (const value of Object.values(values)) expect(value, title).toSatisfy(Number.isFinite);
		}

		const group = isNative ? 'sveltekit-exponential' : 'sveltekit';
		const alerts = (await prometheus.rules()).filter((rule) => rule.group === group);
		expect(alerts.map(({ name }) => name)).toEqual([
			'TooManyErrors',
			'SlowRoute',
			...(isNative ? [] : ['EventLoopBusy'])
		]);
		const answers = new Map<string, Record<string, number>>();
		for (const { name, query, health, lastError } of alerts) {
			expect(health, lastError).not.toBe('err');
			const values = await answer(withoutThreshold(query));
			expect(Object.values(values).filter(Number.isFinite), name).not.toEqual([]);
			answers.set(name, values);
		}
		// every other request fails; their intervals may differ
		expect(answers.get('TooManyErrors')).toEqual({ '': expect.closeTo(0.5, 0) });
	});

	test('tells meters apart only if it is set up as the manual says', async () => {
		const promoting = await startReceiving(parse(promotion) as object);
		try {
			for (const [receiving, ours, both] of [
				[prometheus, [undefined], [undefined]],
				[promoting, ['adapter-node-otel'], ['a', 'b']]
			] as const) {
				const metersOf = async (metric: string): Promise<(string | undefined)[]> =>
					(await receiving.query(`${metric}{job="meters"}`))
						.map(({ metric: labels }) => labels['otel_scope_name'])
						.toSorted();
				await using server = await startSending(app, receiving, 'meters');
				await ask(server, FAILING_REQUEST);
				await server.stop();
				expect(await metersOf(`${DURATION}_count`)).toEqual(ours);

				expect(await sendTwoMeters(receiving)).toBe(200);
				expect(await metersOf('calls_total')).toEqual(both);
			}
		} finally {
			await promoting.stop();
		}
	});
});
