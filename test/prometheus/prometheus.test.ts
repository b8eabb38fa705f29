import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ask as send, buildDemo, requests } from '../demo/requests.ts';
import { createPrometheusReader } from '../../files/metrics/prometheus.ts';
import { type Prometheus, missingPrometheus, startPrometheus } from '../services/prometheus.ts';
import { readDashboard } from '../support/dashboard.ts';
import { hostileAttributes, measureHostile } from '../support/hostile-meter.ts';
import { readYaml, withoutThreshold } from '../support/metrics-manual.ts';
import { startScraped } from '../support/scraped-server.ts';
import type { RunningServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/*
 * A real Prometheus scrapes the demo (`npm run demo`) under its own requests: what the manual and the dashboard ask
 * of it has an answer.
 */

/** The queries of the dashboard, by the panels that show them: one for what is scraped, perhaps one for OTLP. */
const panels = readDashboard('app').map(
	({ title, queries: [classic = '', native] }) => [title, classic, native] as const
);

/** The rules of the manual for what is scraped. */
const [rules = ''] = readYaml('groups');

const ROUTES = ['/blog/[slug]', '/actions/named', '/api/post/[id]', '/error/unexpected'];
const FAILING = ['/error/unexpected'];

/** Static files are not measured. */
const measured = requests.filter(({ traced }) => traced);

const missing = missingPrometheus();

describe.skipIf(missing)(`the demo, scraped${missing ? `: ${missing}` : ''}`, () => {
	let server: RunningServer;
	let prometheus: Prometheus;
	let timer: NodeJS.Timeout;
	let sent = 0;
	/** Those in the last answer. */
	const jobs = new Set<string | undefined>();

	beforeAll(async () => {
		const scraped = await startScraped((await buildDemo()).build);
		({ server } = scraped);
		// two services with the same routes
		const targets = { app: scraped.target, other: scraped.target };
		prometheus = await startPrometheus(targets, rules, makeTempDir());
		const sendAll = async (): Promise<void> => {
			for (const request of requests) {
				await send(server, request);
				if (request.traced) sent++;
			}
		};
		await sendAll();
		timer = setInterval(() => void sendAll().catch(() => {}), 100);
		const both = 'count(sum by (job) (rate(http_server_request_duration_seconds_count[5m])))';
		await vi.waitUntil(async () => (await prometheus.query(both))[0]?.value === 2, {
			timeout: 20_000,
			interval: 250
		});
	});
	afterAll(async () => {
		clearInterval(timer);
		await prometheus?.stop();
		await server?.stop();
	});

	/** Asks until there are numbers: a rate needs two scrapes, and requests between them. */
	const ask = async (expression: string): Promise<Record<string, number>> => {
		let answer: Record<string, number> = {};
		jobs.clear();
		await expect
			.poll(
				async () => {
					const samples = await prometheus.query(expression);
					for (const { metric } of samples) jobs.add(metric['job']);
					answer = Object.fromEntries(
						samples.map(({ metric, value }) => [metric['http_route'] ?? '', value])
					);
					const values = Object.values(answer);
					return values.length > 0 && values.every(Number.isFinite);
				},
				{ timeout: 20_000, interval: 250, message: expression }
			)
			.toBe(true);
		return answer;
	};

	test.each(panels)('the panel %s has an answer', async (title, expression, native) => {
		const answer = await ask(expression);
		expect([...jobs]).toEqual(['app']);
		expect(native ? await prometheus.query(native) : []).toEqual([]);
		if (!expression.includes('http_route')) return;
		const routes = title.startsWith('Errors') ? FAILING : ROUTES;
		expect(Object.keys(answer)).toEqual(expect.arrayContaining(routes));
		for (const route of routes) expect(answer[route]).toBeGreaterThan(0);
	});

	test('the alerts of the manual are loaded, and what they compare has an answer', async () => {
		await expect
			.poll(async () => (await prometheus.rules()).map(({ health }) => health), { timeout: 20_000 })
			.toEqual(['ok', 'ok', 'ok']);
		const answers = new Map<string, Record<string, number>>();
		for (const { name, query } of await prometheus.rules()) {
			answers.set(name, await ask(withoutThreshold(query)));
			expect([...jobs].toSorted(), name).toEqual(['app', 'other']);
		}
		// one of the requests fails
		expect(answers.get('TooManyErrors')!['']).toBeCloseTo(1 / measured.length, 1);
	});

	test('no request is missing', async () => {
		clearInterval(timer);
		const count = async (): Promise<number | undefined> =>
			(await prometheus.query('sum(http_server_request_duration_seconds_count{job="app"})'))[0]?.value;
		await expect.poll(async () => (await count()) === sent, { timeout: 20_000 }).toBe(true);
		expect(await prometheus.query('target_info{job="app", service_name="basic-app"}')).toHaveLength(1);
	});
});

test.skipIf(missing)('names and attributes of any kind do not fail a scrape', async () => {
	const { reader, signal } = await createPrometheusReader({ host: '127.0.0.1', port: 0 });
	const resource = resourceFromAttributes({ 'k8s.pod.name': 'a', k8s_pod_name: 'b', '1st': 'c' });
	const meter = new MeterProvider({ readers: [reader], resource }).getMeter('app');
	const logins = meter.createCounter('logins');
	for (const attributes of hostileAttributes) logins.add(1, attributes);
	const wait = meter.createHistogram('wait');
	for (const attributes of hostileAttributes) wait.record(1, attributes);
	measureHostile(meter, 1);
	const [, target = ''] = /http:\/\/(\S+)\/metrics/.exec(signal.exporters[0]!) ?? [];
	const prometheus = await startPrometheus({ hostile: target }, 'groups: []', makeTempDir());
	try {
		const ask = async (query: string): Promise<number | undefined> =>
			(await prometheus.query(query))[0]?.value;
		await expect.poll(() => ask('up'), { timeout: 20_000 }).toBe(1);
		// the first scrape is complete when `up` is there
		expect(await ask('logins_total{key_2fa="true"}')).toBe(1);
		expect(await ask('logins_total{user_id="1;2"}')).toBe(1);
		expect(await ask('wait_bucket{exported_le="x", le="+Inf"}')).toBe(1);
		expect(await ask('target_info{k8s_pod_name="a;b", key_1st="c"}')).toBe(1);
	} finally {
		await prometheus.stop();
		await signal.close();
	}
});
