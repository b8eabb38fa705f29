/*
 * `npm run picture:metrics`: draws `docs/images/metrics.svg`, which the manual shows, from the answers in
 * `metrics.json`. With `-- --record` the answers are recorded again first: a Prometheus scrapes the example app for a
 * minute, and gets the queries of the dashboard.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startPrometheus } from '../services/prometheus.ts';
import { buildApp } from '../support/app.ts';
import { readDashboard } from '../support/dashboard.ts';
import { startScraped } from '../support/scraped-server.ts';
import { type Panel, drawPanels } from './panels.ts';

const NOTE =
	'One minute of the example app under a changing load, scraped every half second. Rates are those of the last five minutes, so they rise.';
const RECORDED_MS = 60_000;

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

if (process.argv.includes('--record')) {
	const recorded = { note: NOTE, panels: await record() };
	await writeFile(file('metrics.json'), `${JSON.stringify(recorded, null, '\t')}\n`);
}
const { note, panels } = JSON.parse(await readFile(file('metrics.json'), 'utf8')) as {
	note: string;
	panels: Panel[];
};
await writeFile(file('../../docs/images/metrics.svg'), drawPanels(panels, note));

async function record(): Promise<Panel[]> {
	const { build } = await buildApp({ combination: 'kit-3' });
	const { server, target } = await startScraped(build);
	await using _server = server;
	const prometheus = await startPrometheus(
		{ app: target },
		'',
		join(tmpdir(), `adapter-node-otel-picture-${process.pid}`)
	);
	try {
		await send(async (path) => void (await (await server.fetch(path)).text()));
		return await ask((expression) => prometheus.queryRange(expression, RECORDED_MS / 1000));
	} finally {
		await prometheus.stop();
	}
}

/** Sends requests that come and go in waves, with an error now and then. */
async function send(fetch: (path: string) => Promise<void>): Promise<void> {
	const end = performance.now() + RECORDED_MS;
	for (let turn = 0; performance.now() < end; turn++) {
		const wave = 1 + Math.sin((2 * Math.PI * turn) / 120);
		const paths = [
			...Array.from({ length: Math.round(6 * wave) }, () => '/blog/hello'),
			...Array.from({ length: Math.round(2 * wave) }, () => '/api/post/7'),
			...(turn % 5 === 0 ? ['/slow?ms=120'] : []),
			...(turn % 8 === 0 ? ['/error/unexpected'] : [])
		];
		await Promise.all([delay(100), ...paths.map(fetch)]);
	}
}

async function ask(
	query: (expression: string) => Promise<{ metric: Record<string, string>; values: [number, number][] }[]>
): Promise<Panel[]> {
	return Promise.all(
		readDashboard().map(async ({ title, unit, queries }) => {
			const answers = await Promise.all(queries.map(query));
			const series = answers.flat().map(({ metric, values }) => ({
				label: metric['http_route'] ?? 'the server',
				points: values
					.filter(([, value]) => Number.isFinite(value))
					.map(([seconds, value]) => `${seconds},${Number(value.toPrecision(4))}`)
					.join(' ')
			}));
			return {
				title,
				unit,
				series: series.filter(({ points }) => points !== '')
			};
		})
	);
}
