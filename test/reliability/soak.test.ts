import { beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { choose, report } from './form.ts';
import { type Inspection, buildInspectedApp, inspect } from './inspected-app.ts';
import { startLoad } from './load.ts';
import { type SpanCounter, startSpanCounter } from './span-counter.ts';

/** How long the load lasts: `SOAK_SECONDS` in the full form, for the ten minutes before a release. */
const seconds = choose(12, Number(process.env['SOAK_SECONDS'] ?? 60));
const samples = choose(6, 12);

const paths = ['/many/1', '/blog/a', '/stream?ms=5', '/actions', '/about-us', '/api/post/1', '/nowhere'];

let app: App;
let counter: SpanCounter;

beforeAll(async () => {
	app = await buildInspectedApp({ combination: 'kit-3' });
	counter = await startSpanCounter();
	return () => counter.stop();
});

describe.each([
	[
		'with telemetry',
		(): Record<string, string> => ({
			OTEL_EXPORTER_OTLP_ENDPOINT: counter.url,
			OTEL_BSP_SCHEDULE_DELAY: '100'
		})
	],
	['with telemetry off', (): Record<string, string> => ({})]
])('%s', (name, env) => {
	test(
		'load leaves no trace in memory, handles, timers and listeners',
		async () => {
			await using server = await startServer(app.build, { env: env(), execArgv: ['--expose-gc'] });
			const inspections: Inspection[] = [];
			let requests = 0;
			for (let sample = 0; sample <= samples; sample++) {
				const load = startLoad({ url: server.url, paths });
				await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / samples));
				await load.stop();
				requests += load.answered.length;
				// the first round warms caches and compilers up
				if (sample > 0) inspections.push(await inspect(server));
				counter.reset();
			}

			const heap = inspections.map(({ usedBytes }) => usedBytes / 1e6);
			const third = Math.ceil(heap.length / 3);
			const [early, late] = [Math.min(...heap.slice(0, third)), Math.min(...heap.slice(-third))];
			const noise = Math.max(...heap) - Math.min(...heap);
			report(`soak ${name}`, { seconds, requests, 'MB early': early, 'MB late': late, 'MB between': noise });
			expect(late - early).toBeLessThan(Math.max(2, 0.05 * early));

			const { resources, listeners } = inspections.at(-1)!;
			const [first] = inspections;
			expect(listeners).toBe(first!.listeners);
			for (const [kind, count] of Object.entries(resources)) {
				// connections come and go, as many as ask; what leaks does so with every request
				expect(count, kind).toBeLessThan((first!.resources[kind] ?? 0) + 40);
			}
		},
		seconds * 2000 + 60_000
	);
});
