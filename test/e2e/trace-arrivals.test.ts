import { once } from 'node:events';
import { connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outline } from '../otlp/outline.ts';
import { findNode, spansOf } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { type TracedServer, callerSpanId, newTraceId, startTraced } from '../support/traced-server.ts';
import { type Upstream, startUpstream } from '../support/upstream.ts';
import { combinations, isWholeMatrix } from './combinations.ts';

const preloaded = ['--import', './build/otel/register.js'];

const traceparent = (traceId: string, flags = '01'): string => `00-${traceId}-${callerSpanId}-${flags}`;

describe.each(combinations)('%s: a preloaded server of one’s own', (combination) => {
	let app: App;
	let upstream: Upstream;

	beforeAll(async () => {
		app = await buildApp({ combination, overlays: ['custom-servers'] });
		upstream = await startUpstream();
	});

	afterAll(() => upstream?.[Symbol.asyncDispose]());

	const start = (framework: string, env: Record<string, string> = {}, execArgv = preloaded) =>
		startTraced(app.build, {
			entry: `${app.dir}/servers/whole.js`,
			execArgv,
			env: { FRAMEWORK: framework, UPSTREAM_URL: upstream.url, HOST_HEADER: 'host', ...env }
		});

	/** What went to the upstream in a trace: paths with the flag that went on. */
	const called = (traceId: string): string[] =>
		upstream.calls.flatMap(({ url, headers }) => {
			const [, id, , flags] = String(headers['traceparent']).split('-');
			return id === traceId ? `${url} ${flags}` : [];
		});

	// what runs before the app knows nothing of the SvelteKit in it
	const isShort = !isWholeMatrix && combination !== combinations.at(-1);
	const frameworks = isShort ? ['express'] : ['node-http', 'express', 'fastify', 'koa'];

	describe.each(frameworks)('with %s', (framework) => {
		let traced: TracedServer;

		beforeAll(async () => {
			traced = await start(framework);
		});

		afterAll(() => traced?.stop());

		test('has what runs before the app below the SERVER span', async () => {
			const { tree, traceId, response } = await traced.trace('/blog/a');
			expect(response.status).toBe(200);
			expect(tree.span).toMatchObject({
				kind: 'SERVER',
				name: 'GET /blog/[slug]',
				parentSpanId: callerSpanId
			});
			expect(tree.children.map(({ span }) => `${span.kind} ${span.name}`)).toEqual([
				'CLIENT GET',
				expect.stringContaining('INTERNAL sveltekit.')
			]);
			expect(called(traceId)).toEqual(['/auth 01']);
			expect(traced.receiver.spans.filter(({ kind }) => kind === 'SERVER')).toHaveLength(1);
			expect(traced.server.stderr()).not.toContain('tracing begins at');
		});

		test('has a SERVER span for a response of its own, and runs listeners of the body in its context', async () => {
			const { tree, traceId, body } = await traced.trace('/rest', {
				method: 'POST',
				body: 'x'.repeat(99_999)
			});
			expect(body).toBe('rest upstream');
			expect(tree.span).toMatchObject({ kind: 'SERVER', name: 'POST', parentSpanId: callerSpanId });
			expect(tree.span.attributes).toMatchObject({ 'url.path': '/rest', 'http.response.status_code': 200 });
			expect(outline(tree)).toEqual(['SERVER POST', ['CLIENT GET', 'CLIENT GET', 'CLIENT GET']]);
			expect(called(traceId)).toEqual(['/auth 01', '/body 01', '/rest 01']);

			const broken = await traced.trace('/broken');
			expect(broken.tree.span).toMatchObject({ name: 'GET', status: { code: 'ERROR' } });
			expect(broken.tree.span.attributes).toMatchObject({ 'error.type': '500' });
		});

		test('follows the sampling decision of its caller', async () => {
			const traceId = newTraceId();
			for (const path of ['/blog/a', '/rest']) {
				await (
					await traced.server.fetch(path, { headers: { traceparent: traceparent(traceId, '00') } })
				).text();
			}
			await traced.trace('/blog/a');
			expect(called(traceId)).toEqual(['/auth 00', '/auth 00', '/rest 00']);
			expect(traced.receiver.spans.filter((span) => span.traceId === traceId)).toEqual([]);
		});

		test('has no span for an upgraded socket, whose code runs in the caller’s trace', async () => {
			const traceId = newTraceId();
			// Node's own client sends no headers of one's choice
			const { default: WebSocket } = (await import(`${app.dir}/../node_modules/ws/wrapper.mjs`)) as {
				default: new (
					url: string,
					options: object
				) => NodeJS.EventEmitter & { send(text: string): void; close(): void };
			};
			const socket = new WebSocket(`${traced.server.url.replace('http', 'ws')}/socket`, {
				headers: { traceparent: traceparent(traceId) }
			});
			expect(String((await once(socket, 'message'))[0])).toBe('upstream');
			socket.send('and');
			expect(String((await once(socket, 'message'))[0])).toBe('and upstream');
			socket.close();
			await once(socket, 'close');
			expect(called(traceId)).toContain('/greeting 01');
			const received = () => traced.receiver.spans.filter((span) => span.traceId === traceId);
			await expect
				.poll(() => received().map(({ name }) => name))
				.toEqual(expect.arrayContaining(['greet', 'GET']));
			const spans = received();
			expect(spans.filter(({ kind }) => kind === 'SERVER')).toEqual([]);
			expect(spans.every(({ parentSpanId }) => parentSpanId === callerSpanId)).toBe(true);
		});
	});

	test.skipIf(isShort)('makes no span for a file, unless something below it is recorded', async () => {
		await using traced = await start('node-http');
		await using late = await startTraced(app.build, {
			entry: `${app.dir}/servers/node-http.js`,
			execArgv: preloaded
		});
		for (const each of [traced, late]) {
			await (await each.server.fetch('/robots.txt')).text();
			await each.trace('/blog/a');
		}
		const paths = ({ receiver }: TracedServer) =>
			receiver.spans.filter(({ kind }) => kind === 'SERVER').map(({ attributes }) => attributes['url.path']);
		// two batches may arrive in the other order
		await expect.poll(() => paths(traced).sort(), { timeout: 10_000 }).toEqual(['/blog/a', '/robots.txt']);
		expect(paths(late)).toEqual(['/blog/a']);
	});

	test('ignores by path, and by route for SvelteKit’s requests', async () => {
		await using traced = await start('express', { OTEL_SVELTEKIT_IGNORE: '/rest,/blog/[slug]' });
		const ignored = newTraceId();
		await (await traced.server.fetch('/rest', { headers: { traceparent: traceparent(ignored) } })).text();
		expect(called(ignored)).toEqual([]);

		// something is below it by then
		const { tree } = await traced.trace('/blog/a');
		expect(outline(tree)).toEqual(['SERVER GET', ['CLIENT GET']]);
		expect(traced.receiver.spans.filter(({ traceId }) => traceId === ignored)).toEqual([]);
		expect(traced.receiver.spans).toHaveLength(spansOf(tree).length);
	});

	test.skipIf(isShort)('links to callers of a public endpoint', async () => {
		await using traced = await start('express', { OTEL_SVELTEKIT_PUBLIC_ENDPOINT: 'true' });
		const traceId = newTraceId();
		await (await traced.server.fetch('/rest', { headers: { traceparent: traceparent(traceId) } })).text();
		const { span } = await traced.traceOf('/rest');
		expect(span.parentSpanId).toBeUndefined();
		expect(span.links).toMatchObject([{ traceId, spanId: callerSpanId }]);
	});

	test.skipIf(isShort).each([
		['node-http2', '/blog/a', 'GET /blog/[slug]'],
		['node-http2', '/rest', 'GET'],
		['streams', '/rest', 'GET']
	])('over HTTP/2, with %s: %s', async (framework, path, name) => {
		await using traced = await start(framework, { HOST_HEADER: ':authority' });
		const client = connect(traced.server.url);
		const traceId = newTraceId();
		const stream = client.request({ ':path': path, traceparent: traceparent(traceId) });
		await once(stream.resume(), 'close');
		const tree = await traced.receiver.waitForTrace(traceId);
		expect(tree.span).toMatchObject({ kind: 'SERVER', name, parentSpanId: callerSpanId });
		expect(tree.span.attributes).toMatchObject({
			'url.path': path,
			'network.protocol.version': '2',
			'http.response.status_code': 200
		});
		expect(tree.span.attributes['error.type']).toBeUndefined();
		expect(tree.children[0]!.span.kind).toBe('CLIENT');
		client.destroy();
	});

	test.skipIf(isShort)('is timed from its arrival', async () => {
		await using traced = await startTraced(app.build, {
			entry: `${app.dir}/servers/late.js`,
			execArgv: preloaded
		});
		const { tree } = await traced.trace('/blog/a');
		const { startTimeUnixNano: arrived, endTimeUnixNano: ended } = tree.span;
		// the server waits for that long before it asks the app
		expect(Number(ended - arrived) / 1e6).toBeGreaterThan(95);
		expect(findNode(tree, 'sveltekit.resolve').span.startTimeUnixNano - arrived).toBeGreaterThan(95_000_000n);
	});

	test.skipIf(isShort)('that has a span of its own around the app has it below the SERVER span', async () => {
		await using traced = await startTraced(app.build, {
			entry: `${app.dir}/servers/with-span.js`,
			execArgv: preloaded
		});
		const { tree } = await traced.trace('/root');
		expect(tree.span).toMatchObject({ kind: 'SERVER', parentSpanId: callerSpanId });
		expect(tree.children.map(({ span }) => span.name)).toEqual(['around']);
		expect(tree.children[0]!.children[0]!.span.name).toContain('sveltekit.');
	});

	test.skipIf(isShort)('is logged in one line, with what to do, if it is not preloaded', async () => {
		await using traced = await start('express', {}, []);
		await traced.trace('/blog/a');
		expect(traced.server.stderr().match(/^.*tracing begins at.*$/gm)).toEqual([
			expect.stringMatching(/Start it with node --import \.\/build\/otel\/register\.js$/)
		]);
	});
});
