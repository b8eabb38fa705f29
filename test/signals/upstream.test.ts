import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { compareText } from '../otlp/order.ts';
import { type ReceivedPoint, startReceiver } from '../otlp/receiver.ts';
import { PINNED, SDK } from '../side-by-side/pinned.ts';
import type { App } from '../support/app.ts';
import { type ServerOptions, startServer } from '../support/server.ts';
import { startUpstream } from '../support/upstream.ts';
import { buildSignalsApp } from './app.ts';

/* Our metrics beside those of upstream's SDK and its instrumentations, and together with those instrumentations. */

const INSTRUMENTATIONS = {
	'@opentelemetry/instrumentation-http': '0.301.0',
	'@opentelemetry/instrumentation-runtime-node': '0.37.0',
	'@opentelemetry/instrumentation-undici': '0.34.0'
};

const SERVER = 'http.server.request.duration';
const CLIENT = 'http.client.request.duration';

/** The differences that `docs/metrics.md` describes. */
const DIFFERENCES = {
	[CLIENT]: ['without network.protocol.version'],
	'http.server.active_requests': ['only ours'],
	[SERVER]: ['with http.route', 'without network.protocol.version'],
	'v8js.gc.duration': ['other bounds'],
	'v8js.memory.heap.space.available_size': ['sum instead of gauge'],
	'v8js.memory.heap.space.physical_size': ['sum instead of gauge'],
	'v8js.memory.heap.used': ['sum instead of gauge']
};

const read = (file: string): string =>
	readFileSync(new URL(`../apps/overlays/side-by-side/${file}`, import.meta.url), 'utf8');

const upstreamFile = { 'upstream.mjs': read('upstream.mjs') };
const libraryRoutes = Object.fromEntries(
	['http', 'kafkajs'].map((name) => {
		const route = `src/routes/library/${name}/+server.js`;
		return [route, read(route)];
	})
);

/** What one server has measured: the last point of each series. */
interface Measured {
	points: ReceivedPoint[];
	/** What Prometheus would read, if it is on. */
	text: string;
	stderr: string;
	/** The port of the API that the app calls. */
	apiPort: number;
}

const PATHS = [
	'/blog/hello',
	'/blog/other',
	'/nowhere',
	'/error/unexpected',
	'/slow?ms=200',
	'/outgoing',
	'/collected'
];

async function measure(app: App, options: ServerOptions, paths = PATHS): Promise<Measured> {
	await using receiver = await startReceiver();
	await using upstream = await startUpstream();
	await using server = await startServer(app.build, {
		...options,
		execArgv: ['--expose-gc', ...(options.execArgv ?? [])],
		env: {
			OTEL_METRICS_EXPORTER: 'otlp',
			OTEL_METRIC_EXPORT_INTERVAL: '1000',
			OTEL_METRIC_EXPORT_TIMEOUT: '1000',
			OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
			UPSTREAM_URL: upstream.url,
			API_URL: upstream.url,
			...options.env
		}
	});
	for (const path of paths) await (await server.fetch(path)).text();
	// more than one export: what it sends is measured, too, by some
	await receiver.waitForPoint(({ name }) => name === SERVER);
	const [, endpoint] = /(http:\/\/127\.0\.0\.1:\d+\/metrics)/.exec(server.stderr()) ?? [];
	const text = endpoint ? await (await fetch(endpoint)).text() : '';
	await server.stop();
	const last = new Map(
		receiver.points.map((point) => [
			[point.scope.name, point.name, JSON.stringify(point.attributes)].join(),
			point
		])
	);
	return { points: [...last.values()], text, stderr: server.stderr(), apiPort: upstream.port };
}

/** A metric as it is compared: without its values. */
interface Shape {
	unit: string;
	kind: string;
	temporality: number;
	isMonotonic: boolean;
	bounds: number[];
	keys: Set<string>;
}

function shapesOf(points: readonly ReceivedPoint[]): Map<string, Shape> {
	const shapes = new Map<string, Shape>();
	for (const { name, unit, kind, temporality, isMonotonic, bounds, attributes } of points) {
		const keys = shapes.get(name)?.keys ?? new Set();
		for (const key of Object.keys(attributes)) keys.add(key);
		shapes.set(name, { unit, kind, temporality, isMonotonic, bounds, keys });
	}
	return shapes;
}

function differencesOf(own: Shape | undefined, other: Shape | undefined): string[] {
	if (!own || !other) return [own ? 'only ours' : "only upstream's"];
	// a gauge has neither
	const isOtherKind = own.kind !== other.kind;
	return [
		...(own.unit === other.unit ? [] : [`${own.unit} instead of ${other.unit}`]),
		...(isOtherKind ? [`${own.kind} instead of ${other.kind}`] : []),
		...(isOtherKind || own.temporality === other.temporality ? [] : ['other temporality']),
		...(isOtherKind || own.isMonotonic === other.isMonotonic ? [] : ['monotonic or not']),
		...(own.bounds.join() === other.bounds.join() ? [] : ['other bounds']),
		...[...own.keys].filter((key) => !other.keys.has(key)).map((key) => `with ${key}`),
		...[...other.keys].filter((key) => !own.keys.has(key)).map((key) => `without ${key}`)
	].sort(compareText);
}

const of = (points: readonly ReceivedPoint[], name: string): ReceivedPoint[] =>
	points.filter((point) => point.name === name);

const sumOf = (values: readonly number[]): number => values.reduce((sofar, value) => sofar + value, 0);

/** The number of requests, by the status. */
function countsOf(points: readonly ReceivedPoint[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const { attributes, count } of points) {
		const status = String(attributes['http.response.status_code']);
		counts[status] = (counts[status] ?? 0) + count;
	}
	return counts;
}

describe.each(combinations.slice(-1))('%s: metrics, beside those of upstream', (combination) => {
	let ours: Measured;
	let theirs: Measured;
	let together: Measured;

	beforeAll(async () => {
		const own = await buildSignalsApp(combination);
		const reference = await buildSignalsApp(combination, {
			adapter: '@sveltejs/adapter-node',
			files: upstreamFile,
			packageJson: { dependencies: { ...SDK, ...INSTRUMENTATIONS } }
		});
		const { packages, instrumentation } = PINNED['kafkajs']!;
		const instrumented = await buildSignalsApp(combination, {
			files: libraryRoutes,
			packageJson: {
				dependencies: { ...packages, ...INSTRUMENTATIONS, [instrumentation[0]]: instrumentation[1] }
			}
		});
		ours = await measure(own, {});
		theirs = await measure(reference, {
			execArgv: ['--import', './upstream.mjs'],
			env: { INSTRUMENTATIONS: JSON.stringify(Object.keys(INSTRUMENTATIONS)), INCLUDE: '["http"]' }
		});
		together = await measure(
			instrumented,
			{
				env: {
					OTEL_METRICS_EXPORTER: 'otlp,prometheus',
					OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
					OTEL_EXPORTER_PROMETHEUS_PORT: '0'
				}
			},
			[...PATHS, '/library/http', '/library/kafkajs']
		);
	});

	test('have the names, units, kinds, bounds and attributes of upstream, but for what the manual says', () => {
		const [own, other] = [shapesOf(ours.points), shapesOf(theirs.points)];
		const found = [...new Set([...own.keys(), ...other.keys()])]
			.map((name) => [name, differencesOf(own.get(name), other.get(name))] as const)
			.filter(([, differences]) => differences.length > 0);
		expect(Object.fromEntries(found)).toEqual(DIFFERENCES);
	});

	test('have the values of upstream', () => {
		const counts = { 200: 5, 404: 1, 500: 1 };
		for (const { points, apiPort } of [ours, theirs]) {
			expect(countsOf(of(points, SERVER))).toEqual(counts);
			const toApi = of(points, CLIENT).filter(({ attributes }) => attributes['server.port'] === apiPort);
			expect(countsOf(toApi)).toEqual({ 200: 2 });
			expect(sumOf(of(points, SERVER).map(({ sum }) => sum))).toBeGreaterThan(0.2);
			// the same by the order of magnitude: the units are right
			const heap = sumOf(of(points, 'v8js.memory.heap.used').map(({ value }) => value));
			expect(heap).toBeGreaterThan(2 ** 20);
			expect(heap).toBeLessThan(2 ** 29);
			const collections = of(points, 'v8js.gc.duration');
			expect(collections.map(({ attributes }) => attributes['v8js.gc.type'])).toContain('major');
			const [utilization] = of(points, 'nodejs.eventloop.utilization');
			expect(utilization!.value).toBeGreaterThan(0);
			expect(utilization!.value).toBeLessThanOrEqual(1);
			const [delay] = of(points, 'nodejs.eventloop.delay.max');
			expect(delay!.value).toBeGreaterThan(0.001);
			expect(delay!.value).toBeLessThan(60);
		}
	});

	test('include those of installed instrumentations, and nothing twice', () => {
		const { points, text, stderr, apiPort } = together;
		expect(stderr).toContain('; instrumentations http,runtime-node,undici,kafkajs; metrics otlp ');
		const scopesOf = (name: string): string[] =>
			[...new Set(of(points, name).map(({ scope }) => scope.name))].sort(compareText);
		// `-http` sees no incoming request, and `-undici` and `-runtime-node` measure in our place
		expect(scopesOf(SERVER)).toEqual(['adapter-node-otel']);
		expect(scopesOf('v8js.memory.heap.used')).toEqual(['@opentelemetry/instrumentation-runtime-node']);
		const calls = of(points, CLIENT).map(({ scope, attributes, count }) => [
			scope.name,
			attributes['server.port'],
			count
		]);
		// none of them is an export
		expect(calls.sort(([a], [b]) => compareText(String(a), String(b)))).toEqual([
			['@opentelemetry/instrumentation-http', apiPort, 1],
			['@opentelemetry/instrumentation-undici', apiPort, 2]
		]);
		expect(of(points, 'messaging.client.sent.messages')).toMatchObject([
			{ value: 1, scope: { name: '@opentelemetry/instrumentation-kafkajs' } }
		]);
		expect(stderr.trim().split('\n')).toHaveLength(1);
		// in Prometheus they are one metric, whose series have the scope as a label
		const lines = text.split('\n');
		const starting = (start: string): string[] => lines.filter((line) => line.startsWith(start));
		expect(starting('# TYPE http_client_request_duration_seconds ')).toHaveLength(1);
		const counts = starting('http_client_request_duration_seconds_count{');
		expect(counts.map((line) => /otel_scope_name="[^"]*-(\w+)"/.exec(line)?.[1]).sort()).toEqual([
			'http',
			'undici'
		]);
	});
});
