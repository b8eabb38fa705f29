import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, buildApp } from '../support/app.ts';
import { type Exit, type RunningServer, type ServerOptions, startServer } from '../support/server.ts';
import { countSpans } from './count-spans.ts';
import { writeCustomServer } from './custom-server.ts';
import { choose, combinations, report } from './form.ts';
import { type Load, percentile, startLoad } from './load.ts';
import { type SpanCounter, startSpanCounter } from './span-counter.ts';

const rounds = choose(1, 10);
const requests = choose(600, 2000);
const path = '/many/1';

let counter: SpanCounter;

beforeAll(async () => {
	counter = await startSpanCounter();
});

afterAll(() => counter?.stop());

const environment = (extra: Record<string, string> = {}): Record<string, string> => ({
	OTEL_EXPORTER_OTLP_ENDPOINT: counter.url,
	...extra
});

/** Puts load on a server, ends it in the middle, and looks at what arrived of the requests that were answered. */
async function deploy(
	build: string,
	options: ServerOptions,
	end: (server: RunningServer, load: Load) => Promise<void> | void
): Promise<{ exit: Exit; exitMs: number; load: Load; stderr: string }> {
	counter.reset();
	const server = await startServer(build, options);
	try {
		const load = startLoad({ url: server.url, paths: [path] });
		await load.waitFor(requests);
		const since = performance.now();
		await end(server, load);
		const exit = await server.exited;
		const exitMs = performance.now() - since;
		await load.stopped;
		return { exit, exitMs, load, stderr: server.stderr() };
	} finally {
		await server.stop();
	}
}

function expectNothingLost(load: Load, spansOfRequest: number): void {
	expect(load.cut).toEqual([]);
	const incomplete = load.answered.filter((traceId) => counter.traces.get(traceId) !== spansOfRequest);
	expect(
		incomplete.map((traceId) => `${counter.traces.get(traceId) ?? 0} of ${spansOfRequest} spans`)
	).toEqual([]);
}

describe.each(combinations)('%s: a deployment under full load loses nothing', (combination) => {
	let app: App;
	let plain: App;
	let spansOfRequest: number;

	beforeAll(async () => {
		[app, plain] = await Promise.all([
			buildApp({ combination }),
			buildApp({ combination, adapter: '@sveltejs/adapter-node' })
		]);
		spansOfRequest = await countSpans(app.build, path);
	});

	test.each(['SIGTERM', 'SIGINT'] as const)(
		'at %s',
		async (signal) => {
			expect(spansOfRequest).toBeGreaterThanOrEqual(8);
			let answered = 0;
			const took = { traced: [] as number[], plain: [] as number[] };
			const pairs = Math.min(rounds, 3);
			for (let round = 0; round < rounds; round++) {
				const { exit, exitMs, load, stderr } = await deploy(app.build, { env: environment() }, (server) =>
					server.signal(signal)
				);
				expectNothingLost(load, spansOfRequest);
				expect(exit).toEqual({ code: 0, signal: null });
				// the startup line, and nothing lost
				expect(stderr.trim().split('\n')).toHaveLength(1);
				answered += load.answered.length;
				took.traced.push(exitMs);
				if (round >= pairs) continue;
				took.plain.push((await deploy(plain.build, {}, (server) => server.signal(signal))).exitMs);
			}
			const [traced, untraced] = [percentile(took.traced, 0.5), percentile(took.plain, 0.5)];
			report(`${combination} ${signal}`, {
				rounds,
				requests: answered,
				'spans lost': 0,
				'ms to exit': traced,
				'with plain adapter-node': untraced
			});
			// the last export to a collector that answers, and what a busy machine makes of it
			expect(traced).toBeLessThan(untraced + 1000);
		},
		choose(60_000, 600_000)
	);

	test('at the idle shutdown of socket activation', async () => {
		for (let round = 0; round < rounds; round++) {
			const { exit, load } = await deploy(
				app.build,
				{ env: environment({ IDLE_TIMEOUT: '1' }), socketActivation: true },
				(_server, running) => running.stop()
			);
			expectNothingLost(load, spansOfRequest);
			expect(exit).toEqual({ code: 0, signal: null });
		}
	});

	test.each([
		[
			'calls shutdown() when its server is closed',
			`process.on('SIGTERM', () => server.close(async () => { await shutdown(); process.exit(7); }));`,
			7
		],
		['simply ends', `process.on('SIGTERM', () => server.close());`, 0],
		[
			'calls process.exit() and knows nothing of telemetry',
			`process.on('SIGTERM', () => server.close(() => process.exit(7)));`,
			7
		]
	])('when a custom server %s', async (_, ending, code) => {
		await using custom = await writeCustomServer(app, ending);
		const options = { env: environment(), entry: custom.entry };
		for (let round = 0; round < rounds; round++) {
			const { exit, load } = await deploy(custom.build, options, (server) => server.signal('SIGTERM'));
			expectNothingLost(load, spansOfRequest);
			expect(exit).toEqual({ code, signal: null });
		}
	});

	test('when the app exits by itself at the end of its own clean-up', async () => {
		const exiting = await buildApp({
			combination,
			files: {
				'src/hooks.server.js': `
					process.on('sveltekit:shutdown', async () => {
						await new Promise((resolve) => setTimeout(resolve, 1));
						process.exit(3);
					});`
			}
		});
		const spans = await countSpans(exiting.build, path);
		const { exit, load } = await deploy(exiting.build, { env: environment() }, (server) =>
			server.signal('SIGTERM')
		);
		expectNothingLost(load, spans);
		expect(exit).toEqual({ code: 3, signal: null });
	});
});
