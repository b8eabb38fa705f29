import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { choose, report } from './form.ts';
import { type Inspection, buildInspectedApp, inspect } from './inspected-app.ts';
import { startLoad } from './load.ts';
import { type SpanCounter, startSpanCounter } from './span-counter.ts';
import { trendOf } from './trend.ts';

/** How long the load lasts: 45 seconds, and ten minutes in the full form; `SOAK_SECONDS` for as long as you like. */
const seconds = Number(process.env['SOAK_SECONDS'] ?? choose(45, 600));
const samples = 30;
/** In which caches fill and code is compiled: a third of the short form, and no longer in a long run. */
const warmUpSamples = Math.ceil(samples / Math.max(3, seconds / 20));
/** What the heap of a server under any load moves by: a leak of 60 bytes a request is more in the short form. */
const toleranceMb = 1.5;

const paths = ['/many/1', '/blog/a', '/stream?ms=5', '/actions', '/about-us', '/api/post/1', '/nowhere'];
/** What clients ask for that do not wait for the end, some of which never comes. */
const leftPaths = [...paths, '/stream?ms=200', '/sse?ms=50', '/sse/forever', '/slow?ms=50'];

let app: App;
let counter: SpanCounter;

beforeAll(async () => {
	app = await buildInspectedApp({ combination: 'kit-3' });
	counter = await startSpanCounter();
});

afterAll(() => counter?.stop());

// at the same time, because each takes as long as the other
describe.concurrent.each([
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
			let left = 0;
			for (let sample = 0; sample < samples; sample++) {
				const load = startLoad({ url: server.url, paths });
				// each of them opens a connection, of which a machine has so many in a minute
				const leaving = startLoad({
					url: server.url,
					paths: leftPaths,
					connections: 4,
					rate: 200,
					leaving: true
				});
				await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / samples));
				await Promise.all([load.stop(), leaving.stop()]);
				requests += load.answered.length;
				left += leaving.left;
				inspections.push(await inspect(server));
				counter.reset();
			}

			const warm = inspections.slice(warmUpSamples);
			const heap = warm.map(({ usedBytes }) => usedBytes / 1e6);
			const { growth, noise } = trendOf(heap);
			report(`soak ${name}`, {
				seconds,
				requests,
				'clients that left': left,
				'MB in the middle': heap.toSorted((a, b) => a - b)[Math.floor(heap.length / 2)]!,
				'MB of growth': growth,
				'MB of noise': noise
			});
			expect(growth, `MB: ${heap.map((each) => each.toFixed(1)).join(' ')}`).toBeLessThan(
				Math.max(toleranceMb, noise)
			);

			// four in a second at least, on the busiest machine
			expect(left).toBeGreaterThan(4 * seconds);
			const [first] = warm;
			const { resources, listeners } = warm.at(-1)!;
			expect(listeners).toBe(first!.listeners);
			for (const [kind, count] of Object.entries(resources)) {
				// connections come and go, as many as ask; what leaks does so with every request
				expect(count, kind).toBeLessThan((first!.resources[kind] ?? 0) + 40);
			}
		},
		seconds * 2000 + 60_000
	);
});
