import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outline } from '../otlp/outline.ts';
import { printTree } from '../otlp/print.ts';
import { spansOf } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { proxyEnvironment, startProxy } from '../support/proxy.ts';
import { type TracedServer, callerSpanId, newTraceId, startTraced } from '../support/traced-server.ts';
import { type Upstream, startUpstream } from '../support/upstream.ts';
import { combinations } from './combinations.ts';

describe.each(combinations)('%s: outgoing fetch', (combination) => {
	let app: App;
	let upstream: Upstream;
	let traced: TracedServer;

	beforeAll(async () => {
		app = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
		upstream = await startUpstream();
		traced = await startTraced(app.build, { env: { UPSTREAM_URL: upstream.url } });
	});

	afterAll(async () => {
		await traced?.stop();
		await upstream?.[Symbol.asyncDispose]();
	});

	const callTo = (path: string) => upstream.calls.findLast(({ url }) => url.startsWith(path))!;

	test('is a CLIENT span below the load function, which the called service continues', async () => {
		const { tree, traceId } = await traced.trace('/outgoing', { headers: { baggage: 'user=1' } });
		const clients = spansOf(tree).filter(({ kind }) => kind === 'CLIENT');
		const loads = spansOf(tree).filter(({ name }) => name.startsWith('sveltekit.load '));
		expect(
			clients.map(({ name }) => name),
			printTree(tree)
		).toEqual(['GET', 'GET']);
		for (const [index, path] of ['/global', '/event'].entries()) {
			const client = clients[index]!;
			expect(loads.map(({ spanId }) => spanId)).toContain(client.parentSpanId);
			expect(client.attributes).toEqual({
				'http.request.method': 'GET',
				'http.response.status_code': 200,
				'url.full': `${upstream.url}${path}`,
				'url.path': path,
				'url.scheme': 'http',
				'server.address': '127.0.0.1',
				'server.port': upstream.port,
				'network.peer.address': '127.0.0.1',
				'network.peer.port': upstream.port,
				'network.protocol.version': '1.1',
				'user_agent.original': 'node'
			});
			expect(callTo(path).headers).toMatchObject({
				traceparent: `00-${traceId}-${client.spanId}-01`,
				baggage: 'user=1'
			});
		}
	});

	test('sends one traceparent, its own, when the app passes the headers of its caller on', async () => {
		const { tree, traceId } = await traced.trace('/proxy?token=secret&page=2', {
			headers: { baggage: 'user=1', tracestate: 'vendor=a' }
		});
		const client = spansOf(tree).find(({ kind }) => kind === 'CLIENT')!;
		expect(callTo('/upstream').headers).toMatchObject({
			traceparent: `00-${traceId}-${client.spanId}-01`,
			tracestate: 'vendor=a',
			baggage: 'user=1'
		});
		expect(client.attributes).toMatchObject({
			'url.full': `${upstream.url}/upstream?token=REDACTED&page=REDACTED`,
			'url.query': 'token=REDACTED&page=REDACTED'
		});
	});

	test('leaves the baggage that the app sends, where there is no other', async () => {
		await (await traced.server.fetch('/proxy', { headers: { baggage: 'malformed' } })).text();
		expect(callTo('/upstream').headers.baggage).toBe('malformed');
	});

	test('has the flag of a request that is not sampled', async () => {
		const traceId = newTraceId();
		await (
			await traced.server.fetch('/outgoing', {
				headers: { traceparent: `00-${traceId}-${callerSpanId}-00` }
			})
		).text();
		expect(callTo('/event').headers.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
	});

	test('of a background task is a trace of its own', async () => {
		await (await traced.server.fetch('/background')).text();
		const tree = await traced.receiver.waitForTrace(
			({ attributes }) => attributes['url.path'] === '/background' && attributes['url.full'] !== undefined
		);
		expect(outline(tree)).toBe('CLIENT GET');
		expect(tree.span.parentSpanId).toBeUndefined();
	});

	test('of an ignored request makes no span and sends no context', async () => {
		await using ignoring = await startTraced(app.build, {
			env: { UPSTREAM_URL: upstream.url, OTEL_SVELTEKIT_IGNORE: '/outgoing' }
		});
		await (await ignoring.server.fetch('/outgoing')).text();
		await ignoring.trace('/');
		expect(callTo('/event').headers).not.toHaveProperty('traceparent');
		expect(ignoring.receiver.spans.filter(({ kind }) => kind === 'CLIENT')).toEqual([]);
	});

	test.each<[string, (port: number) => string, boolean]>([
		['the host with its port', (port) => `127.0.0.1:${port}`, true],
		['the host by a regular expression', () => '/^127\\.0/', true],
		['another host', () => 'api.example.com', false],
		['no host', () => 'none', false]
	])('sends the context where OTEL_SVELTEKIT_PROPAGATE_TO names %s', async (_, hosts, isSent) => {
		await using limited = await startTraced(app.build, {
			env: { UPSTREAM_URL: upstream.url, OTEL_SVELTEKIT_PROPAGATE_TO: hosts(upstream.port) }
		});
		const { tree } = await limited.trace('/outgoing', { headers: { baggage: 'user=1' } });
		expect(spansOf(tree).filter(({ kind }) => kind === 'CLIENT')).toHaveLength(2);
		const { headers } = callTo('/event');
		expect('traceparent' in headers).toBe(isSent);
		expect('baggage' in headers).toBe(isSent);
	});

	// Node 22.17 has no such proxy
	test.skipIf(process.env['TEST_NODE'] === '22.17.0').each([
		['api.invalid', true],
		['127.0.0.1', false]
	])(
		'is known by its real host behind a proxy, as is the collector: context for %s: %s',
		async (host, isSent) => {
			const ports: Record<string, number> = { 'api.invalid': upstream.port };
			await using proxy = await startProxy((name) => ports[name]);
			await using proxied = await startTraced(app.build, {
				env: {
					...proxyEnvironment(proxy),
					OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.invalid:4318',
					OTEL_SVELTEKIT_PROPAGATE_TO: host,
					UPSTREAM_URL: 'http://api.invalid'
				}
			});
			ports['collector.invalid'] = Number(new URL(proxied.receiver.url).port);

			const { tree } = await proxied.trace('/outgoing');
			const clients = spansOf(tree).filter(({ kind }) => kind === 'CLIENT');
			expect(clients.map(({ attributes }) => attributes['url.full'])).toEqual([
				'http://api.invalid/global',
				'http://api.invalid/event'
			]);
			expect(clients.map(({ attributes }) => attributes['server.address'])).toEqual(
				clients.map(() => 'api.invalid')
			);
			expect('traceparent' in callTo('/event').headers).toBe(isSent);
			expect(proxy.asked).toContain('POST http://collector.invalid:4318/v1/traces');
		}
	);

	test('keeps the values of the queries that the settings name', async () => {
		await using open = await startTraced(app.build, {
			env: { UPSTREAM_URL: upstream.url, OTEL_SVELTEKIT_QUERY_PARAMETERS: 'page' }
		});
		const { tree } = await open.trace('/proxy?token=secret&page=2');
		const client = spansOf(tree).find(({ kind }) => kind === 'CLIENT')!;
		expect(client.attributes).toMatchObject({
			'url.full': `${upstream.url}/upstream?token=REDACTED&page=2`,
			'url.query': 'token=REDACTED&page=2'
		});
	});
});
