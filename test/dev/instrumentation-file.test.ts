import { beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { spansOf } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { withInstrumentationFile } from '../support/instrumentation-file.ts';
import { type Shown, openPage, readEvents } from '../support/page-of-traces.ts';
import { startTracedVite } from '../support/traced-vite.ts';
import { matrix } from '../support/matrix.ts';

const FILE = 'src/instrumentation.server.js';

/** A configuration, in a file that says that it has run. */
const configuration = (color: string): string => `
console.log('instrumentation of ${color} has run');
export default {
	resourceAttributes: { 'app.color': '${color}' },
	requestHook: (span, req) => span.setAttribute('app.language', req.headers['accept-language'])
};
`;

/** The same, with an instrumentation that measures and logs, as soon as it can. */
const measuring = (color: string): string =>
	configuration(color).replace(
		'export default {',
		`export default {
	instrumentations: [{
		instrumentationName: '${color}',
		instrumentationVersion: '1',
		enable() {},
		disable() {},
		getConfig: () => ({ enabled: true }),
		setTracerProvider() {},
		setMeterProvider(provider) {
			provider.getMeter('shop').createObservableGauge('shop.open').addCallback((result) => result.observe(1));
		},
		setLoggerProvider(provider) {
			provider.getLogger('shop').emit({ body: 'the shop is open' });
		}
	}],`
	);

/** A module that makes its instruments once, when it is loaded. */
const counting = `
import { metrics } from '@opentelemetry/api';
const meter = metrics.getMeter('shop');
const sold = meter.createCounter('shop.sold');
meter.createObservableGauge('shop.queue').addCallback((result) => result.observe(7));
console.log('the counting module is loaded');
export const GET = () => {
	sold.add(2);
	return new Response('sold');
};
`;

const SIGNALS = {
	OTEL_METRICS_EXPORTER: 'otlp',
	OTEL_METRIC_EXPORT_INTERVAL: '200',
	OTEL_LOGS_EXPORTER: 'otlp',
	OTEL_BLRP_SCHEDULE_DELAY: '20'
};

describe.each(combinations)('%s: the instrumentation file of the app', (combination) => {
	const { generation } = matrix[combination];
	let app: App;

	beforeAll(async () => {
		app = await buildApp(withInstrumentationFile(combination, configuration('green')));
	});

	test.each(['dev', 'preview'] as const)('configures %s', async (command) => {
		await using vite = await startTracedVite(app, command);
		const { tree } = await vite.ask('/blog/hello', { headers: { 'accept-language': 'eo' } });
		expect(tree.span.attributes).toMatchObject({ 'app.language': 'eo', 'http.route': '/blog/[slug]' });
		const colors = spansOf(tree).map(({ resource }) => resource['app.color']);
		expect(new Set(colors), vite.server.output()).toEqual(new Set(['green']));
		expect(vite.server.output().match(/of green has run/g)).toHaveLength(1);
	});

	test('configures dev again when it changes', async () => {
		const files = { [FILE]: measuring('green'), 'src/routes/counting/+server.js': counting };
		await using vite = await startTracedVite(app, 'dev', { env: SIGNALS, files });
		await vite.ask('/blog/hello');
		await vite.ask('/counting');
		await vite.copy.write(FILE, measuring('blue'));
		await expect
			.poll(async () => (await vite.ask('/blog/hello')).tree.span.resource['app.color'], { timeout: 30_000 })
			.toBe('blue');
		const { tree } = await vite.ask('/blog/hello');
		expect(spansOf(tree).filter(({ kind }) => kind === 'SERVER')).toHaveLength(1);
		expect(vite.server.output().match(/of blue has run/g)).toHaveLength(1);
		// libraries stay instrumented, and measure with what was started last
		const isBlue = ({ resource }: { resource: Record<string, unknown> }): boolean =>
			resource['app.color'] === 'blue';
		await vite.receiver.waitForPoint((point) => point.name === 'shop.open' && isBlue(point));
		await vite.receiver.waitForLog((log) => log.body === 'the shop is open' && isBlue(log));
		// modules of the app keep their instruments, and are not loaded again
		await vite.ask('/counting');
		await vite.receiver.waitForPoint(
			({ name, value, ...point }) => name === 'shop.sold' && value === 2 && isBlue(point)
		);
		await vite.receiver.waitForPoint((point) => point.name === 'shop.queue' && isBlue(point));
		expect(vite.server.output().match(/the counting module is loaded/g)).toHaveLength(1);
	});

	test.each(['dev', 'preview'] as const)('with OTEL_SDK_DISABLED=true in %s', async (command) => {
		await using vite = await startTracedVite(app, command, { env: { OTEL_SDK_DISABLED: 'true' } });
		expect((await vite.server.fetch('/blog/hello')).status).toBe(200);
		// SvelteKit 2 runs it in preview before it asks an adapter
		const isSkipped = generation === 3 || command === 'dev';
		expect(vite.server.output().includes('of green has run')).toBe(!isSkipped);
		await vite.server.stop();
		expect(vite.receiver.spans).toEqual([]);
	});

	test.each([
		['with traces', {}],
		[
			'with other signals',
			{ OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'otlp', OTEL_LOGS_EXPORTER: 'otlp' }
		]
	])('that starts its own SDK is used for tracing in dev, and the page says so: %s', async (_, env) => {
		const own = `
			import { trace } from '@opentelemetry/api';
			trace.setGlobalTracerProvider({ getTracer: () => trace.wrapSpanContext && new Proxy({}, { get: () => (...args) => {
				const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 });
				const run = args.findLast((each) => typeof each === 'function');
				return run ? run(span) : span;
			} }) });
		`;
		await using vite = await startTracedVite(app, 'dev', { env, files: { [FILE]: own } });
		await openPage(vite.server);
		let notice: string | undefined;
		for await (const { data } of readEvents(vite.server)) {
			({ notice } = data as Shown);
			if (notice) break;
			// a page that was opened before gets it, too
			await (await vite.server.fetch('/blog/hello')).text();
		}
		expect(notice).toMatch(/^The app has registered an OpenTelemetry SDK of its own/);
		expect((await vite.server.fetch('/blog/hello')).status).toBe(200);
		await vite.server.waitForOutput("used instead of adapter-node-otel's");
		await vite.server.stop();
		expect(vite.receiver.spans).toEqual([]);
	});
});
