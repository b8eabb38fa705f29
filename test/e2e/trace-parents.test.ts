import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printTree } from '../otlp/print.ts';
import { type ReceivedSpan, hasRemoteParent } from '../otlp/span.ts';
import { type TreeNode, findSpan, spansOf } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { rawRequest } from '../support/raw-request.ts';
import { type TracedServer, callerSpanId, newTraceId, startTraced } from '../support/traced-server.ts';
import { combinations } from './combinations.ts';

/** Headers of a caller whose trace this is. */
type HeadersOf = (traceId: string) => Record<string, string>;

const traceparent: HeadersOf = (id) => ({ traceparent: `00-${id}-${callerSpanId}-01` });

describe.each(combinations)('%s: the parent of a SERVER span', (combination) => {
	let app: App;
	let traced: TracedServer;

	beforeAll(async () => {
		app = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
		traced = await startTraced(app.build);
	});

	afterAll(() => traced?.stop());

	/** The tree of a request, whatever its trace: it is known by its user agent. */
	async function treeFor(
		{ server, receiver }: TracedServer,
		headers: Record<string, string>,
		path = '/blog/a'
	): Promise<TreeNode> {
		const userAgent = newTraceId();
		const response = await server.fetch(path, { headers: { ...headers, 'user-agent': userAgent } });
		await response.arrayBuffer();
		return receiver.waitForTrace(({ attributes }) => attributes['user_agent.original'] === userAgent);
	}

	const serverSpanOf = async (...args: Parameters<typeof treeFor>): Promise<ReceivedSpan> =>
		(await treeFor(...args)).span;

	test('is the caller’s span, and all other spans of the request are below the SERVER span', async () => {
		const { tree, traceId: id } = await traced.trace('/blog/a');
		expect(tree.span).toMatchObject({ kind: 'SERVER', traceId: id, parentSpanId: callerSpanId });
		expect(hasRemoteParent(tree.span)).toBe(true);
		expect(spansOf(tree).filter((span) => span !== tree.span && hasRemoteParent(span))).toEqual([]);
	});

	test.each([
		['a future version', (id: string) => `01-${id}-${callerSpanId}-01-more`],
		['flags to come', (id: string) => `00-${id}-${callerSpanId}-ff`]
	])('is the caller also with %s', async (_, header) => {
		const traceId = newTraceId();
		expect(await serverSpanOf(traced, { traceparent: header(traceId) })).toMatchObject({
			traceId,
			parentSpanId: callerSpanId,
			flags: 0x301
		});
	});

	test.each<[string, (traceId: string) => string | undefined]>([
		['no header', () => undefined],
		['a malformed one', () => 'malformed'],
		['an empty one', () => ''],
		['an invalid version', (id) => `ff-${id}-${callerSpanId}-01`],
		['more than its version has', (id) => `00-${id}-${callerSpanId}-01-more`],
		['a trace id of zeros', () => `00-${'0'.repeat(32)}-${callerSpanId}-01`],
		['a span id of zeros', (id) => `00-${id}-${'0'.repeat(16)}-01`],
		['upper case', (id) => `00-${id.replace(/./, 'A').toUpperCase()}-${callerSpanId}-01`],
		['a short trace id', (id) => `00-${id.slice(1)}-${callerSpanId}-01`],
		['two of them in one', (id) => `00-${id}-${callerSpanId}-01, 00-${id}-${callerSpanId}-01`]
	])('is not the caller with %s', async (_, header) => {
		const traceId = newTraceId();
		const value = header(traceId);
		const span = await serverSpanOf(traced, value === undefined ? {} : { traceparent: value });
		expect(span.parentSpanId).toBeUndefined();
		expect(span.traceId).not.toBe(traceId);
	});

	test('is ignored with two traceparent headers', async () => {
		const userAgent = newTraceId();
		const header = `traceparent: 00-${newTraceId()}-${callerSpanId}-01\r\n`;
		await rawRequest(
			traced.server.port,
			`GET / HTTP/1.1\r\nhost: localhost\r\nuser-agent: ${userAgent}\r\n${header}${header}connection: close\r\n\r\n`
		);
		const tree = await traced.receiver.waitForTrace(
			({ attributes }) => attributes['user_agent.original'] === userAgent
		);
		expect(tree.span.parentSpanId).toBeUndefined();
	});

	test('is propagated if it is not sampled, and nothing is recorded', async () => {
		const traceId = newTraceId();
		const unsampled = await traced.server.fetch('/context', {
			headers: { traceparent: `00-${traceId}-${callerSpanId}-00` }
		});
		expect(await unsampled.json()).toMatchObject({ traceId });
		// whatever would be exported is by the time another trace is
		await traced.trace('/');
		expect(traced.receiver.spans.filter((span) => span.traceId === traceId)).toEqual([]);
	});

	test.each(['/trailing', '/_app/nowhere.js'])(
		'is the caller of a request that makes no other span: %s',
		async (path) => {
			const traceId = newTraceId();
			expect(await serverSpanOf(traced, traceparent(traceId), path)).toMatchObject({
				traceId,
				parentSpanId: callerSpanId
			});
		}
	);

	test('has its tracestate propagated', async () => {
		const headers = { ...traceparent(newTraceId()), tracestate: 'vendor=a,other=b' };
		expect((await serverSpanOf(traced, headers)).traceState).toBe('vendor=a,other=b');
	});

	test('has its tracestate and baggage limited to the sizes of their specifications', async () => {
		const members = (count: number, value: string): string =>
			Array.from({ length: count }, (_, index) => `k${index}=${value}`).join(',');
		const ask = async (baggage: string, tracestate: string) =>
			(await (
				await traced.server.fetch('/context', {
					headers: { ...traceparent(newTraceId()), baggage, tracestate }
				})
			).json()) as { baggage: Record<string, string>; traceState: string };

		const few = await ask(members(64, 'v'), members(32, 'v'));
		expect(Object.keys(few.baggage)).toHaveLength(64);
		expect(few.traceState.split(',')).toHaveLength(32);

		const many = await ask(members(200, 'v'), members(60, 'v'));
		expect(Object.keys(many.baggage)).toHaveLength(64);
		expect(many.traceState.split(',')).toHaveLength(32);

		const large = await ask(members(40, 'v'.repeat(250)), members(10, 'v'.repeat(200)));
		const header = Object.entries(large.baggage).map(([key, value]) => `${key}=${value}`);
		expect(header.join(',').length).toBeLessThanOrEqual(8192);
		expect(Object.keys(large.baggage).length).toBeGreaterThan(20);
		expect(large.traceState.length).toBeLessThanOrEqual(512);
	});

	test('never mixes the requests of 200 callers', async () => {
		traced.receiver.reset();
		const ids = Array.from({ length: 200 }, newTraceId);
		await Promise.all(
			ids.map(async (id, index) => {
				const path = index % 2 === 0 ? `/blog/${id}` : `/slow?ms=${index % 20}`;
				const response = await traced.server.fetch(path, {
					headers: { traceparent: `00-${id}-${callerSpanId}-01` }
				});
				await response.arrayBuffer();
			})
		);
		for (const id of ids) {
			const tree = await traced.receiver.waitForTrace(id);
			expect(tree.span.parentSpanId).toBe(callerSpanId);
			const roots = spansOf(tree).filter(({ kind }) => kind === 'SERVER');
			expect(roots, printTree(tree)).toHaveLength(1);
			expect(tree.span.attributes['url.path']).toBeOneOf([`/blog/${id}`, '/slow']);
		}
		const others = traced.receiver.spans.filter((span) => !ids.includes(span.traceId));
		expect(
			others.filter(({ attributes }) => ids.some((id) => attributes['url.path'] === `/blog/${id}`))
		).toEqual([]);
	});

	test('never mixes consecutive requests of one connection', async () => {
		const ids = Array.from({ length: 20 }, newTraceId);
		const requests = ids.map(
			(id, index) =>
				`GET /slow?ms=${20 - index} HTTP/1.1\r\nhost: localhost\r\ntraceparent: 00-${id}-${callerSpanId}-01\r\n` +
				`${index === ids.length - 1 ? 'connection: close\r\n' : ''}\r\n`
		);
		await rawRequest(traced.server.port, requests.join(''));
		for (const id of ids) {
			const tree = await traced.receiver.waitForTrace(id);
			expect(tree.span).toMatchObject({ name: 'GET /slow', parentSpanId: callerSpanId });
			expect(spansOf(tree).filter(({ kind }) => kind === 'SERVER')).toHaveLength(1);
		}
	});

	const b3: HeadersOf = (id) => ({ b3: `${id}-${callerSpanId}-1` });

	test.each<[string, HeadersOf]>([
		['b3', b3],
		['b3multi', (id) => ({ 'x-b3-traceid': id, 'x-b3-spanid': callerSpanId, 'x-b3-sampled': '1' })],
		['jaeger', (id) => ({ 'uber-trace-id': `${id}:${callerSpanId}:0:1` })],
		[
			'xray',
			(id) => ({
				'x-amzn-trace-id': `Root=1-${id.slice(0, 8)}-${id.slice(8)};Parent=${callerSpanId};Sampled=1`
			})
		],
		['tracecontext,b3', b3],
		['tracecontext,b3', traceparent]
	])('is the caller with OTEL_PROPAGATORS=%s', async (propagators, headers) => {
		const traceId = newTraceId();
		await using other = await startTraced(app.build, { env: { OTEL_PROPAGATORS: propagators } });
		expect(await serverSpanOf(other, headers(traceId))).toMatchObject({
			traceId,
			parentSpanId: callerSpanId
		});
	});

	test('is a link on a public server', async () => {
		await using open = await startTraced(app.build, { env: { OTEL_SVELTEKIT_PUBLIC_ENDPOINT: 'true' } });
		for (const flags of ['01', '00']) {
			const traceId = newTraceId();
			const tree = await treeFor(
				open,
				{ traceparent: `00-${traceId}-${callerSpanId}-${flags}`, baggage: 'user=1' },
				'/self'
			);
			expect(tree.span.parentSpanId).toBeUndefined();
			expect(tree.span.traceId).not.toBe(traceId);
			expect(tree.span.links).toMatchObject([{ traceId, spanId: callerSpanId }]);
			// which the app has made with the headers of its caller
			expect(findSpan(tree, 'GET /api/post/[id]').traceId).toBe(tree.span.traceId);
		}
		const answer = await open.server.fetch('/context', { headers: { baggage: 'user=1' } });
		// not toMatchObject: an empty object matches any baggage
		expect(((await answer.json()) as { baggage: object }).baggage).toEqual({});
		expect((await serverSpanOf(open, {})).links).toEqual([]);
	});

	test('is a link also for a request that adapter-node rejects', async () => {
		await using open = await startTraced(app.build, { env: { OTEL_SVELTEKIT_PUBLIC_ENDPOINT: 'true' } });
		const traceId = newTraceId();
		// HTTP/1.0 needs no host, adapter-node does
		const { traceparent: header } = traceparent(traceId);
		await rawRequest(open.server.port, `GET /refused HTTP/1.0\r\ntraceparent: ${header}\r\n\r\n`);
		const { span } = await open.receiver.waitForTrace(({ kind }) => kind === 'SERVER');
		// adapter-node 5.3 makes do without a host and asks SvelteKit, which does not know the path
		expect(span.attributes['http.response.status_code']).toBe(combination === 'kit-2-oldest' ? 404 : 400);
		expect(span.parentSpanId).toBeUndefined();
		expect(span.links).toMatchObject([{ traceId, spanId: callerSpanId }]);
	});

	test('does not make a public server record more than its sampler', async () => {
		await using open = await startTraced(app.build, {
			env: { OTEL_SVELTEKIT_PUBLIC_ENDPOINT: 'true', OTEL_TRACES_SAMPLER_ARG: '0' }
		});
		await open.server.fetch('/', { headers: traceparent(newTraceId()) });
		await open.server.stop();
		expect(open.receiver.spans).toEqual([]);
	});
});
