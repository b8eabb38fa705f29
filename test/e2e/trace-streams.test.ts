import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TreeNode, spansOf } from '../otlp/tree.ts';
import { buildApp } from '../support/app.ts';
import { rawRequest } from '../support/raw-request.ts';
import { type TracedServer, callerSpanId, newTraceId, startTraced } from '../support/traced-server.ts';
import { type Upstream, startUpstream } from '../support/upstream.ts';
import { combinations } from './combinations.ts';

describe.each(combinations)('%s: a SERVER span ends', (combination) => {
	let traced: TracedServer;
	let upstream: Upstream;

	beforeAll(async () => {
		const { build } = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
		upstream = await startUpstream();
		traced = await startTraced(build, { env: { UPSTREAM_URL: upstream.url } });
	});

	afterAll(async () => {
		await traced?.stop();
		await upstream?.[Symbol.asyncDispose]();
	});

	const milliseconds = (span: { startTimeUnixNano: bigint; endTimeUnixNano: bigint }): number =>
		Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6;

	test.each([
		['streamed page', '/stream?ms=120', 120],
		['stream of server-sent events', '/sse?events=4&ms=40', 120],
		['slow response', '/slow?ms=120', 120]
	])('when a %s does', async (_, path, least) => {
		const { tree } = await traced.trace(path);
		expect(milliseconds(tree.span)).toBeGreaterThan(least - 5);
		expect(tree.span.attributes).toMatchObject({ 'http.response.status_code': 200 });
		expect(tree.span.attributes['error.type']).toBeUndefined();
	});

	test.each([
		['before there is a response', '/slow?ms=2000', false, undefined],
		['in the middle of one', '/sse/forever', true, 200]
	])('when the client leaves %s', async (_, path, waits, status) => {
		const traceId = newTraceId();
		const req = request(`${traced.server.url}${path}`, {
			headers: { traceparent: `00-${traceId}-${callerSpanId}-01` }
		}).end();
		req.on('error', () => {});
		if (waits) {
			const [res] = (await once(req, 'response')) as [IncomingMessage];
			await once(
				res.on('error', () => {}),
				'data'
			);
		} else {
			await once(req, 'finish');
			// it has arrived when a later one is answered
			await (await traced.server.fetch('/slow?ms=20')).text();
		}
		req.destroy();
		const { span } = await traced.receiver.waitForTrace(
			(each) => each.traceId === traceId && each.kind === 'SERVER'
		);
		expect(milliseconds(span)).toBeLessThan(1900);
		expect(span.attributes['http.response.status_code']).toBe(status);
		expect(span.attributes['error.type']).toBe('ECONNRESET');
		expect(span.status).toEqual({ code: 'UNSET' });
	});

	describe('and its context holds', () => {
		/** Names of all spans of a trace, which is one tree. */
		const namesOf = (tree: TreeNode): string[] => spansOf(tree).map(({ name }) => name);

		/** Reads a body as slowly as a bad connection does. */
		async function readSlowly(path: string, traceparent: string): Promise<void> {
			const req = request(`${traced.server.url}${path}`, { headers: { traceparent } }).end();
			const [res] = (await once(req, 'response')) as [IncomingMessage];
			for await (const piece of res) if (piece) await delay(1);
		}

		test.each(['pull', 'eager', 'bytes', 'from', 'tee', 'piped'])(
			'for each piece of a body: %s',
			async (kind) => {
				const traceId = newTraceId();
				upstream.calls.length = 0;
				await readSlowly(`/bodies?kind=${kind}`, `00-${traceId}-${callerSpanId}-01`);
				const tree = await traced.receiver.waitForTrace(traceId);
				expect(namesOf(tree).filter((name) => name === 'piece')).toHaveLength(10);
				expect(upstream.calls.map(({ headers }) => String(headers['traceparent']).slice(3, 35))).toEqual(
					Array.from({ length: 10 }, () => traceId)
				);
			}
		);

		test.each(['from', 'pull'])('for what a caller does not sample: %s', async (kind) => {
			const traceId = newTraceId();
			upstream.calls.length = 0;
			await readSlowly(`/bodies?kind=${kind}`, `00-${traceId}-${callerSpanId}-00`);
			expect(
				new Set(upstream.calls.map(({ headers }) => String(headers['traceparent']).replace(/-\w{16}-/, ' ')))
			).toEqual(new Set([`00-${traceId} 00`]));
		});

		test('when the client leaves', async () => {
			const traceId = newTraceId();
			const req = request(`${traced.server.url}/bodies?kind=forever`, {
				headers: { traceparent: `00-${traceId}-${callerSpanId}-01` }
			}).end();
			const [res] = (await once(req, 'response')) as [IncomingMessage];
			await once(
				res.on('error', () => {}),
				'data'
			);
			req.on('error', () => {}).destroy();
			const spans = () => traced.receiver.spans.filter((span) => span.traceId === traceId);
			// SvelteKit 2.31 never aborts `request.signal`
			const aborted = combination === 'kit-2-oldest' ? [] : ['abort'];
			await expect
				.poll(() => spans().map(({ name }) => name))
				.toEqual(expect.arrayContaining(['cancel', 'GET /bodies', ...aborted]));
			const ids = new Set(spans().map(({ spanId }) => spanId));
			expect(
				spans().filter(({ kind, parentSpanId }) => kind !== 'SERVER' && !ids.has(parentSpanId!))
			).toEqual([]);
		});
	});

	test('when its client leaves a load function, whose later spans stay below it', async () => {
		const traceId = newTraceId();
		const req = request(`${traced.server.url}/hanging?ms=300`, {
			headers: { traceparent: `00-${traceId}-${callerSpanId}-01` }
		}).end();
		req.on('error', () => {});
		await once(req, 'finish');
		await (await traced.server.fetch('/slow?ms=100')).text();
		req.destroy();
		const spans = () => traced.receiver.spans.filter((span) => span.traceId === traceId);
		await expect.poll(() => spans().map(({ name }) => name)).toContain('sveltekit.handle.sequenced.first');
		const load = 'sveltekit.load hanging/+page.server.js';
		const tree = await traced.receiver.waitForTrace(traceId);
		const [server, ...others] = spansOf(tree);
		expect(server).toMatchObject({ kind: 'SERVER', attributes: { 'error.type': 'ECONNRESET' } });
		const loading = others.find(({ name }) => name === load)!;
		expect(loading.endTimeUnixNano).toBeGreaterThan(server!.endTimeUnixNano);
		// what the app's handleFetch does is below the function that fetches
		const handled = others.filter(({ name }) => name === 'handleFetch');
		expect(handled.map(({ parentSpanId }) => parentSpanId)).toEqual([loading.spanId, loading.spanId]);
	});

	test('with the response to a client that asks for another protocol', async () => {
		const traceId = newTraceId();
		const answer = await rawRequest(
			traced.server.port,
			'GET /slow?ms=1 HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade, close\r\n' +
				`traceparent: 00-${traceId}-${callerSpanId}-01\r\n\r\n`
		);
		expect(answer).toContain('HTTP/1.1 200');
		const { span } = await traced.receiver.waitForTrace(traceId);
		expect(span).toMatchObject({ name: 'GET /slow', parentSpanId: callerSpanId });
	});

	test('with each response of a keep-alive connection', async () => {
		const agent = new Agent({ keepAlive: true, maxSockets: 1 });
		const ids = Array.from({ length: 3 }, newTraceId);
		const ports = new Set<unknown>();
		for (const id of ids) {
			const req = request(`${traced.server.url}/slow?ms=10`, {
				agent,
				headers: { traceparent: `00-${id}-${callerSpanId}-01` }
			}).end();
			const [res] = (await once(req, 'response')) as [IncomingMessage];
			await once(res.resume(), 'end');
			const { span } = await traced.receiver.waitForTrace(id);
			expect(span.attributes['error.type']).toBeUndefined();
			ports.add(span.attributes['network.peer.port']);
		}
		agent.destroy();
		expect(ports.size).toBe(1);
	});
});
