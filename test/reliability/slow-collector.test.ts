import { beforeAll, expect, test } from 'vitest';
import type { App } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { countSpans } from './count-spans.ts';
import { choose, report } from './form.ts';
import { buildInspectedApp, inspect } from './inspected-app.ts';
import { startLoad } from './load.ts';
import { startSpanCounter } from './span-counter.ts';

const path = '/many/2';
const seconds = choose(4, 60);
/**
 * What full speed is at least, in spans a second: two cores that the server shares with the load and the
 * collector make it. Below, little would be shown of a collector that is slow, so the full form insists; the
 * short one, which runs on any machine, only reports.
 */
const fullSpeed = choose(0, 10_000);

let app: App;
let spansOfRequest: number;

beforeAll(async () => {
	app = await buildInspectedApp({ combination: 'kit-3' });
	spansOfRequest = await countSpans(app.build, path);
});

test.each([
	{ delayMs: 100, mayLose: false },
	{ delayMs: 500, mayLose: true }
])(
	'a collector that answers in $delayMs ms, at full speed',
	async ({ delayMs, mayLose }) => {
		const counter = await startSpanCounter({ delayMs });
		const server = await startServer(app.build, {
			// inspecting the server must not add to the counts
			env: { OTEL_EXPORTER_OTLP_ENDPOINT: counter.url, OTEL_SVELTEKIT_IGNORE: '/inspect' },
			execArgv: ['--expose-gc']
		});
		await server.fetch(path).then((response) => response.text());
		const before = await inspect(server);
		const load = startLoad({ url: server.url, paths: [path] });
		await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
		await load.stop();
		const after = await inspect(server);
		expect(await server.stop()).toEqual({ code: 0, signal: null });
		await counter.stop();

		const made = load.answered.length * spansOfRequest;
		const arrived = load.answered.reduce((sum, traceId) => sum + (counter.traces.get(traceId) ?? 0), 0);
		const told = [...server.stderr().matchAll(/(\d+) spans? lost/g)].map(([, count]) => Number(count));
		const lost = Math.max(0, ...told);
		report(`answers in ${delayMs} ms`, {
			'spans made': made,
			'a second': made / seconds,
			arrived,
			'told as lost': lost,
			'MB held': (after.usedBytes - before.usedBytes) / 1e6
		});

		expect(made / seconds).toBeGreaterThanOrEqual(fullSpeed);
		expect(lost).toBe(mayLose ? made - arrived : 0);
		expect(arrived + lost).toBe(made);
		expect(after.usedBytes - before.usedBytes).toBeLessThan(64 * 1024 * 1024);
	},
	choose(60_000, 180_000)
);
