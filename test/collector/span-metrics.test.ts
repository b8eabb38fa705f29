import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { type App, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { Waiter } from '../otlp/waiter.ts';
import { type DataPoint, findBinary, readMetrics, startCollector } from './harness.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const binary = findBinary('collector');
const [path, why] = 'path' in binary ? [binary.path, ''] : ['', `: ${binary.missing}`];

/** What the example app is asked, and the row that each becomes: name, status code, whether it counts as an error. */
const requests: [path: string, init: RequestInit, row: string][] = [
	['/', {}, 'GET / 200'],
	['/blog/one?token=secret', {}, 'GET /blog/[slug] 200'],
	['/blog/two', {}, 'GET /blog/[slug] 200'],
	['/blog/three/__data.json', {}, 'GET /blog/[slug] 200'],
	['/api/post/1', {}, 'GET /api/post/[id] 200'],
	['/api/post/2', { method: 'HEAD' }, 'HEAD /api/post/[id] 200'],
	['/redirect', {}, 'GET /redirect 302'],
	['/nowhere/1', {}, 'GET 404'],
	['/nowhere/2', {}, 'GET 404'],
	['/error/unexpected', {}, 'GET /error/unexpected 500 error'],
	['/robots.txt', {}, ''],
	['/about', {}, '']
];

const count = (rows: string[]): Record<string, number> =>
	Object.fromEntries([...Map.groupBy(rows, (row) => row)].map(([row, all]) => [row, all.length]));

/** The calls of the app's routes, as a dashboard over the Collector's metrics has them. */
function rowsOf(points: DataPoint[]): Record<string, number> {
	const calls = points.filter(
		({ metric, attributes }) => metric.endsWith('calls') && attributes['span.kind'] === 'SPAN_KIND_SERVER'
	);
	return Object.fromEntries(
		calls.map(({ attributes, value }) => {
			const isError = attributes['status.code'] === 'STATUS_CODE_ERROR';
			const row = [attributes['span.name'], attributes['http.response.status_code']];
			return [`${row.join(' ')}${isError ? ' error' : ''}`, value];
		})
	);
}

describe.skipIf(!path).each(combinations)(`%s: a real Collector${why}`, (combination) => {
	let app: App;
	let directory: string;

	beforeAll(async () => {
		app = await buildApp({ combination });
		directory = makeTempDir();
	});

	test('counts one row for each route, with its status and its kind', async () => {
		const file = join(directory, 'metrics.json');
		const collector = await startCollector({
			binary: path,
			configs: ['gateway.yaml', 'overlay-file-metrics.yaml'],
			env: { COLLECTOR_METRICS_FILE: file, COLLECTOR_METRICS_INTERVAL: '200ms' }
		});
		try {
			await using server = await startServer(app.build, {
				env: {
					OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.httpPort}`,
					OTEL_BSP_SCHEDULE_DELAY: '20'
				}
			});
			for (const [target, init] of requests) await (await server.fetch(target, init)).arrayBuffer();
			await server.stop();

			const expected = count(requests.map(([, , row]) => row).filter(Boolean));
			const waiter = new Waiter();
			const timer = setInterval(() => waiter.notify(), 100);
			try {
				const points = await waiter.until(
					() => {
						const all = existsSync(file) ? readMetrics(file) : [];
						const sum = Object.values(rowsOf(all)).reduce((total, value) => total + value, 0);
						return sum >= 10 ? all : undefined;
					},
					() => `Waited for 10 calls; the Collector said\n${collector.stderr()}`,
					{ timeoutMs: 20_000 }
				);
				expect(rowsOf(points)).toEqual(expected);
				// rows are not split by path, query or address
				const names = new Set(points.flatMap(({ attributes }) => Object.values(attributes)));
				expect([...names].join(' ')).not.toMatch(/secret|\/blog\/one|nowhere/);
			} finally {
				clearInterval(timer);
			}
		} finally {
			await collector.stop();
		}
	});
});
