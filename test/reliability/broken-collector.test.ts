import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, type ReceiverOptions, type Reply, startReceiver } from '../otlp/receiver.ts';
import type { App } from '../support/app.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { countSpans } from './count-spans.ts';
import { choose, isFull, report } from './form.ts';
import { buildInspectedApp, inspect } from './inspected-app.ts';
import { type Load, percentile, startLoad } from './load.ts';
import { startSpanCounter } from './span-counter.ts';

const path = '/many/1';
const shutdownTimeoutMs = 500;
/** Loads of which the p99 is taken, on a server with a good collector and on one with a broken one. */
const pairsOfLoads = 7;

let app: App;
let spansOfRequest: number;

const tuned = {
	OTEL_BSP_SCHEDULE_DELAY: '50',
	// longer than the limit at the end, which is to be seen
	OTEL_EXPORTER_OTLP_TIMEOUT: '10000',
	OTEL_SVELTEKIT_SHUTDOWN_TIMEOUT: String(shutdownTimeoutMs)
};

/** Somewhere to export to, and how to get rid of it. */
interface Collector {
	env: Record<string, string>;
	/** Spans that it has taken, and those that it has rejected of them. */
	taken(): number;
	rejected?(): number;
	stop(): Promise<void>;
}

async function receive(reply: Reply | undefined, options: ReceiverOptions = {}): Promise<Collector> {
	const receiver: Receiver = await startReceiver({ ...options, ...(reply && { respond: () => reply }) });
	return {
		env: { OTEL_EXPORTER_OTLP_ENDPOINT: options.grpc ? receiver.grpcUrl : receiver.url },
		taken: () => receiver.spans.length,
		rejected: () => receiver.requests.length * Number(reply?.partialSuccess?.rejectedSpans ?? 0),
		stop: receiver.stop
	};
}

/** One that does with a connection what it likes. */
async function listen(onData: (socket: import('node:net').Socket) => void): Promise<Collector> {
	const sockets = new Set<import('node:net').Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('error', () => {}).on('data', () => onData(socket));
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
		taken: () => 0,
		stop: async () => {
			for (const socket of sockets) socket.destroy();
			server.close();
		}
	};
}

async function refuse(): Promise<Collector> {
	const collector = await listen(() => {});
	await collector.stop();
	return collector;
}

const nowhere = (endpoint: string): Collector => ({
	env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
	taken: () => 0,
	stop: async () => {}
});

const grpc = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
const pausing = { status: 429, headers: { 'retry-after': '30' } };

/** Every kind of fault, the line that logs it, and variables besides the endpoint. */
const faults: [
	fault: string,
	told: RegExp,
	() => Collector | Promise<Collector>,
	env?: Record<string, string>
][] = [
	['refuses connections', /does not accept spans: connect ECONNREFUSED/, refuse],
	[
		'accepts connections and never responds',
		/no answer within|not accepted everything/,
		() => receive({ fault: 'never-answer' })
	],
	['answers 400', /does not accept spans: it answers 400/, () => receive({ status: 400 })],
	[
		'answers 401',
		/spans: it answers 401 .*Each of these batches is lost; .*Set OTEL_EXPORTER_OTLP_HEADERS$/m,
		() => receive({ status: 401 })
	],
	['answers 404', /does not accept spans: it answers 404/, () => receive({ status: 404 })],
	['answers 429 with Retry-After', /does not accept spans: it answers 429/, () => receive(pausing)],
	['answers 500', /does not accept spans: it answers 500/, () => receive({ status: 500 })],
	['answers 502', /does not accept spans: it answers 502/, () => receive({ status: 502 })],
	['answers 503', /does not accept spans: it answers 503/, () => receive({ status: 503 })],
	['answers 504', /does not accept spans: it answers 504/, () => receive({ status: 504 })],
	['responds with garbage', /does not accept spans: Parse Error/, () => listen((socket) => socket.end('%!'))],
	['responds without an end', /its answer is longer than/, () => receive({ fault: 'endless-body' })],
	[
		'redirects',
		/it answers 302/,
		() => receive({ status: 302, headers: { location: 'http://127.0.0.1:9' } })
	],
	[
		'closes the connection in the middle of its response',
		/does not accept spans: aborted/,
		() => receive({ fault: 'close-mid-response' })
	],
	[
		'has a name that does not resolve',
		/does not accept spans: getaddrinfo/,
		() => nowhere('http://collector.invalid:4318')
	],
	[
		'has an untrusted certificate',
		/spans: .*certificate.*spans wait for it.*Set OTEL_EXPORTER_OTLP_CERTIFICATE$/m,
		() => receive(undefined, { tls: true })
	],
	[
		'rejects spans of every batch',
		/rejected 1 span: "too old"/,
		() => receive({ partialSuccess: { rejectedSpans: 1, errorMessage: 'too old' } })
	],
	['refuses gRPC connections', /does not accept spans: connect ECONNREFUSED/, refuse, grpc],
	[
		'answers UNAVAILABLE',
		/does not accept spans: it answers UNAVAILABLE/,
		() => receive({ grpcStatus: 14 }, { grpc: true }),
		grpc
	],
	[
		'answers PERMISSION_DENIED',
		/spans: it answers PERMISSION_DENIED.*Set OTEL_EXPORTER_OTLP_HEADERS$/m,
		() => receive({ grpcStatus: 7 }, { grpc: true }),
		grpc
	],
	[
		'never answers a gRPC call',
		/DEADLINE_EXCEEDED|not accepted everything/,
		() => receive({ fault: 'never-answer' }, { grpc: true }),
		grpc
	]
];

beforeAll(async () => {
	app = await buildInspectedApp({ combination: 'kit-3' });
	spansOfRequest = await countSpans(app.build, path);
});

/** The highest total of lost spans that the server has logged. */
function lostAsTold(server: RunningServer): number {
	const told = [...server.stderr().matchAll(/(\d+) spans? lost/g)].map(([, count]) => Number(count));
	return Math.max(0, ...told);
}

function expectServed({ answered, statuses, cut }: Load): void {
	expect(cut).toEqual([]);
	expect(Object.fromEntries(statuses)).toEqual({ 200: answered.length });
}

describe.each(faults)('a collector that %s', (_fault, told, start, env = {}) => {
	let collector: Collector;

	beforeAll(async () => {
		collector = await start();
	});

	afterAll(() => collector?.stop());

	test('does not affect the app, and what is lost is counted and logged', async () => {
		const server = await startServer(app.build, { env: { ...tuned, ...collector.env, ...env } });
		const load = startLoad({ url: server.url, paths: [path], connections: 8 });
		await load.waitFor(choose(100, 1000));
		await load.stop();
		expectServed(load);

		const since = performance.now();
		expect(await server.stop()).toEqual({ code: 0, signal: null });
		const exitMs = performance.now() - since;

		const made = load.answered.length * spansOfRequest;
		expect(server.stderr()).toMatch(told);
		expect({ lost: lostAsTold(server) }).toEqual({
			lost: made - collector.taken() + (collector.rejected?.() ?? 0)
		});
		// the startup line, the first failure, the last word; and the rest of a minute
		expect(server.stderr().trim().split('\n').length, server.stderr()).toBeLessThanOrEqual(4);
		// the limit, and what a busy machine takes to end a process
		expect(exitMs).toBeLessThan(shutdownTimeoutMs + 2000);
		if (isFull)
			report(_fault, {
				requests: load.answered.length,
				'spans lost': lostAsTold(server),
				'ms to exit': exitMs
			});
	});

	test.runIf(isFull)('does not change how long requests take', async () => {
		const good = await receive(undefined, { grpc: Boolean(env['OTEL_EXPORTER_OTLP_PROTOCOL']) });
		const serve = (endpoint: Record<string, string>): Promise<RunningServer> =>
			startServer(app.build, { env: { ...tuned, ...endpoint, ...env } });
		await using one = await serve(good.env);
		await using other = await serve(collector.env);
		const pairs: { usual: number; broken: number }[] = [];
		const median = (of: (pair: (typeof pairs)[number]) => number): number => percentile(pairs.map(of), 0.5);
		const usual = (): number => median((pair) => pair.usual);
		const slower = (): number => median((pair) => pair.broken - pair.usual);
		// A p99 is the third slowest of 250 requests, and three of the seven pairs may be off. On two idle cores
		// it is some 6 ms, and the median of the differences was below 1 ms for every fault; on cores that others
		// keep busy it was up to 100 ms, and the differences a fifth of that.
		const isSlower = (): boolean => slower() >= usual() / 4 + 3;

		// both at once, so that whatever the machine is up to meets both; in the first pair code is compiled.
		// Before a difference is believed it is looked at for three times as long
		for (let pair = 0; pair <= pairsOfLoads || (pair <= 3 * pairsOfLoads && isSlower()); pair++) {
			const [good99, broken99] = await Promise.all(
				[one, other].map(async ({ url }) => {
					const load = startLoad({ url, paths: [path], connections: 8, rate: 200 });
					await load.waitFor(250);
					await load.stop();
					return percentile(load.latenciesMs, 0.99);
				})
			);
			if (pair > 0) pairs.push({ usual: good99!, broken: broken99! });
		}
		await good.stop();
		report(`${_fault}: p99`, {
			pairs: pairs.length,
			'ms with a good collector': usual(),
			'ms slower with this one': slower()
		});
		expect(isSlower(), `${slower()} ms slower`).toBe(false);
	});
});

test(
	'a collector that fails under load and recovers: losses are logged, all other spans arrive',
	async () => {
		const first = await startSpanCounter();
		await using server = await startServer(app.build, {
			env: { OTEL_EXPORTER_OTLP_ENDPOINT: first.url, OTEL_BSP_SCHEDULE_DELAY: '50' }
		});
		const load = startLoad({ url: server.url, paths: [path], rate: choose(300, 1000) });
		await load.waitFor(300);
		await first.stop();
		await server.waitForOutput('does not accept spans');
		await delay(choose(2000, 30_000));

		const second = await startSpanCounter({ port: first.port });
		await server.waitForOutput('accepts spans again', { timeoutMs: 30_000 });
		await load.waitFor(load.answered.length + 300);
		await load.stop();
		await server.stop();
		await second.stop();

		expectServed(load);
		const made = load.answered.length * spansOfRequest;
		const arrived = first.spans + second.spans;
		report('away and back', { 'spans made': made, arrived, 'told as lost': lostAsTold(server) });
		// what was under way when it went may have arrived although its answer did not
		expect(arrived + lostAsTold(server)).toBeGreaterThanOrEqual(made);
		expect(arrived + lostAsTold(server)).toBeLessThanOrEqual(made + 16 * 512);
		// afterwards nothing is lost any more
		const last = load.answered.slice(-200);
		expect(last.filter((traceId) => second.traces.get(traceId) !== spansOfRequest)).toEqual([]);
	},
	choose(60_000, 180_000)
);

test('memory stays within its limit, for spans of any size', async () => {
	const collector = await receive({ fault: 'never-answer' });
	await using server = await startServer(app.build, { env: collector.env, execArgv: ['--expose-gc'] });
	const before = await inspect(server);
	const load = startLoad({ url: server.url, paths: ['/large'] });
	// 0.1 MB each: 20 times the bound in the full form
	await load.waitFor(choose(2000, 13_000));
	await load.stop();
	const after = await inspect(server);
	await collector.stop();

	const boundBytes = 64 * 1024 * 1024;
	report('memory', {
		'MB made': load.answered.length / 10,
		'MB held': (after.usedBytes - before.usedBytes) / 1e6,
		'MB allowed': boundBytes / 1e6
	});
	expect(after.usedBytes - before.usedBytes).toBeLessThan(boundBytes);
	expectServed(load);
});
