import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask as send, buildDemo, requests } from '../demo/requests.ts';
import { type Prometheus, missingPrometheus, startPrometheus } from '../services/prometheus.ts';
import { readDashboard } from '../support/dashboard.ts';
import { startScraped } from '../support/scraped-server.ts';
import type { RunningServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/*
 * A real Prometheus scrapes the demo (`npm run demo`) under its own requests: what the manual and the dashboard ask
 * of it has an answer.
 */

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

/** The queries of the dashboard, by the panels that show them. */
const queries = readDashboard().flatMap(({ title, queries: all }) =>
	all.map((query) => [title, query] as const)
);

/** The rule file of the manual. */
const [, rules = ''] = /```yaml\n(groups:\n[^]*?)```/.exec(read('docs/metrics.md')) ?? [];

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

	beforeAll(async () => {
		const scraped = await startScraped((await buildDemo()).build);
		({ server } = scraped);
		prometheus = await startPrometheus(scraped.target, rules, makeTempDir());
		const sendAll = async (): Promise<void> => {
			for (const request of requests) {
				await send(server, request);
				if (request.traced) sent++;
			}
		};
		await sendAll();
		timer = setInterval(() => void sendAll().catch(() => {}), 100);
	});
	afterAll(async () => {
		clearInterval(timer);
		await prometheus?.stop();
		await server?.stop();
	});

	/** Asks until there are numbers: a rate needs two scrapes, and requests between them. */
	const ask = async (expression: string): Promise<Record<string, number>> => {
		let answer: Record<string, number> = {};
		await expect
			.poll(
				async () => {
					const samples = await prometheus.query(expression);
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

	test.each(queries)('the panel %s has an answer', async (title, expression) => {
		const answer = await ask(expression);
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
			const [, compared] = /^([^]*) > [\d.]+$/.exec(query) ?? [];
			expect(compared, name).toBeDefined();
			answers.set(name, await ask(compared!));
		}
		// one of the requests fails
		expect(answers.get('TooManyErrors')!['']).toBeCloseTo(1 / measured.length, 1);
	});

	test('no request is missing', async () => {
		clearInterval(timer);
		const count = async (): Promise<number | undefined> =>
			(await prometheus.query('sum(http_server_request_duration_seconds_count)'))[0]?.value;
		await expect.poll(async () => (await count()) === sent, { timeout: 20_000 }).toBe(true);
		expect(await prometheus.query('target_info{service_name="basic-app"}')).toHaveLength(1);
	});
});
