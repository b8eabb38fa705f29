import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { outline } from '../otlp/outline.ts';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { findSpan } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { matrix } from '../support/matrix.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { combinations } from './combinations.ts';

describe.each(combinations)('%s: an app with the adapter swapped', (combination) => {
	let app: App;
	let receiver: Receiver;
	let server: RunningServer;

	beforeAll(async () => {
		app = await buildApp({ combination });
		receiver = await startReceiver();
		server = await startServer(app.build, {
			env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '20' }
		});
	});

	afterAll(async () => {
		await server?.stop();
		await receiver?.stop();
	});

	const traceOf = (path: string) =>
		receiver.waitForTrace(({ attributes }) => attributes['url.path'] === path);

	test('traces a page as one tree below a SERVER span that is named by the route', async () => {
		expect((await server.fetch('/blog/hello')).status).toBe(200);

		const handled = (below: unknown[]) => [
			[
				'sveltekit.handle.sequenced.first',
				[['sveltekit.handle.sequenced.second', [['sveltekit.resolve', below]]]]
			]
		];
		const inEndpoint =
			// SvelteKit traces +server handlers since 3.2
			matrix[combination].kit === '3.2.0'
				? handled(['sveltekit.endpoint GET /api/post/[id]'])
				: [
						[
							'sveltekit.handle.sequenced.first',
							[['sveltekit.handle.sequenced.second', ['sveltekit.resolve']]]
						]
					];

		expect(outline(await traceOf('/blog/hello'), { sort: 'name' })).toEqual([
			'SERVER GET /blog/[slug]',
			handled([
				// root layout: server and universal; blog layout: server; page: universal
				'sveltekit.load +layout.js',
				'sveltekit.load +layout.server.js',
				'sveltekit.load blog/+layout.server.js',
				'sveltekit.load blog/[slug]/+page.js',
				'sveltekit.render',
				// the page's server load, which fetches an own endpoint
				['sveltekit.load blog/[slug]/+page.server.js', [['GET /api/post/[id]', inEndpoint]]]
			])
		]);
	});

	test.each([
		['/error/unexpected', 500],
		['/nowhere', 404]
	])('makes one trace of %s, which answers %i', async (path, status) => {
		receiver.reset();
		expect((await server.fetch(path)).status).toBe(status);
		// whatever would be made twice is made by the time the next request has its trace
		await server.fetch('/blog/after');
		await traceOf('/blog/after');
		expect(
			receiver.spans.filter(({ kind }) => kind === 'SERVER').map(({ attributes }) => attributes['url.path'])
		).toEqual([path, '/blog/after']);
	});

	test('sends the name and the version as user agent', async () => {
		await server.fetch('/blog/resource');
		const { span } = await traceOf('/blog/resource');
		expect(span.resource).toMatchObject({
			'service.name': 'basic-app',
			'service.version': '1.2.3',
			'telemetry.distro.name': 'adapter-node-otel',
			'telemetry.distro.version': packageJson.version,
			'telemetry.sdk.language': 'nodejs'
		});
	});

	test('lets the app set attributes on event.tracing.root and .current wherever SvelteKit has them', async () => {
		await server.fetch('/root?flavour=plum');
		const page = await traceOf('/root');
		expect(page.span.kind).toBe('SERVER');
		expect(page.span.attributes).toMatchObject({
			'app.root.handle': 'first',
			'app.root.load': true,
			flavour: 'plum'
		});
		expect(findSpan(page, 'sveltekit.handle.sequenced.first').attributes['app.current.handle']).toBe('first');
		expect(findSpan(page, ({ attributes }) => attributes['app.current.load'] === true).name).toBe(
			'sveltekit.load root/+page.server.js'
		);

		receiver.reset();
		await server.submit('/root');
		const action = await traceOf('/root');
		expect(action.span.attributes['app.root.action']).toBe(true);
		expect(findSpan(action, 'sveltekit.form_action default').attributes['app.current.action']).toBe(true);

		await server.fetch('/root/endpoint');
		const endpoint = await traceOf('/root/endpoint');
		expect(endpoint.span.attributes['app.root.endpoint']).toBe(true);
	});

	test.each([
		[undefined, 'application/x-protobuf'],
		['http/protobuf', 'application/x-protobuf'],
		['http/json', 'application/json']
	])('with OTEL_EXPORTER_OTLP_PROTOCOL %s, exports %s', async (protocol, contentType) => {
		await using other = await startReceiver();
		await using asked = await startServer(app.build, {
			env: {
				OTEL_EXPORTER_OTLP_ENDPOINT: other.url,
				OTEL_BSP_SCHEDULE_DELAY: '20',
				...(protocol && { OTEL_EXPORTER_OTLP_PROTOCOL: protocol })
			}
		});
		await asked.fetch('/blog/protocol');
		await other.waitForTrace(({ name }) => name === 'GET /blog/[slug]');
		expect(other.requests[0]).toMatchObject({ method: 'POST', path: '/v1/traces' });
		expect(other.requests[0]?.headers['content-type']).toBe(contentType);
	});
});

describe.each(combinations)('%s: an app with the adapter swapped', (combination) => {
	test.each([
		['on', { OTEL_TRACES_EXPORTER: 'console' }, true],
		['off', {}, false],
		['switched off', { OTEL_TRACES_EXPORTER: 'console', OTEL_SDK_DISABLED: 'true' }, false]
	])('event.tracing.enabled is correct when telemetry is %s', async (_, env, enabled) => {
		await using other = await startServer((await buildApp({ combination })).build, { env });
		expect(await (await other.fetch('/root')).text()).toContain(`enabled:${enabled}`);
	});
});
