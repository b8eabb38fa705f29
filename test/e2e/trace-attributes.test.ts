import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultsOf } from '../otlp/conventions.ts';
import { spansOf } from '../otlp/tree.ts';
import type { Attributes } from '../otlp/span.ts';
import { type App, buildApp } from '../support/app.ts';
import { rawRequest } from '../support/raw-request.ts';
import { type TracedServer, startTraced } from '../support/traced-server.ts';
import { combinations } from './combinations.ts';

describe.each(combinations)('%s: the attributes of a SERVER span', (combination) => {
	let app: App;
	let traced: TracedServer;

	beforeAll(async () => {
		app = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
		traced = await startTraced(app.build);
	});

	afterAll(() => traced?.stop());

	test('are the stable ones of the semantic conventions, and those of SvelteKit', async () => {
		const { tree } = await traced.trace('/blog/a?page=2&token=secret', {
			headers: { 'user-agent': 'test/1' }
		});
		expect(tree.span.attributes).toEqual({
			'http.request.method': 'GET',
			'http.route': '/blog/[slug]',
			'http.response.status_code': 200,
			'url.path': '/blog/a',
			'url.query': 'page=REDACTED&token=REDACTED',
			// adapter-node assumes https, unless it is configured otherwise
			'url.scheme': 'https',
			'server.address': '127.0.0.1',
			'server.port': traced.server.port,
			'client.address': '127.0.0.1',
			'network.peer.address': '127.0.0.1',
			'network.peer.port': expect.any(Number),
			'network.protocol.version': '1.1',
			'user_agent.original': 'test/1',
			'sveltekit.is_data_request': false,
			'sveltekit.is_sub_request': false
		});
	});

	test.each<[string, string, Attributes]>([
		[
			'an unknown method',
			'PROPFIND /api/echo HTTP/1.1',
			{ 'http.request.method': '_OTHER', 'http.request.method_original': 'PROPFIND' }
		],
		[
			'the data of a page',
			'GET /blog/a/__data.json?x-sveltekit-invalidated=01 HTTP/1.1',
			{
				'url.path': '/blog/a/__data.json',
				'url.query': 'x-sveltekit-invalidated=REDACTED',
				'sveltekit.is_data_request': true
			}
		],
		['HTTP/1.0', 'GET / HTTP/1.0', { 'network.protocol.version': '1.0' }]
	])('tell %s', async (_, requestLine, expected) => {
		traced.receiver.reset();
		await rawRequest(
			traced.server.port,
			`${requestLine}\r\nhost: shop.example:8443\r\nconnection: close\r\n\r\n`
		);
		const [span] = await traced.receiver.waitForSpans((spans) => spans.some(({ kind }) => kind === 'SERVER'));
		const server = [span!, ...traced.receiver.spans].find(({ kind }) => kind === 'SERVER')!;
		expect(server.attributes).toMatchObject({
			'server.address': 'shop.example',
			'server.port': 8443,
			...expected
		});
	});

	test.each([
		['in the target', 'GET http://user:secret@shop.example/private?token=secret HTTP/1.1'],
		['in the host', 'GET / HTTP/1.1\r\nx: y']
	])('do not contain credentials that a client puts %s', async (where, head) => {
		traced.receiver.reset();
		const host = where === 'in the host' ? 'user:secret@shop.example' : 'shop.example';
		await rawRequest(
			traced.server.port,
			`${head}\r\nhost: ${host}\r\nauthorization: Bearer secret\r\ncookie: session=secret\r\nconnection: close\r\n\r\n`
		);
		await traced.receiver.waitForSpans((spans) => spans.some(({ kind }) => kind === 'SERVER'));
		const { attributes } = traced.receiver.spans.find(({ kind }) => kind === 'SERVER')!;
		expect(attributes['server.address']).toBe('shop.example');
		expect(JSON.stringify(traced.receiver.spans, bigints)).not.toContain('secret');
	});

	test('never contain query values, cookies, authorization headers or credentials of a URL', async () => {
		const headers = {
			cookie: 'session=secret',
			authorization: 'Bearer secret',
			origin: traced.server.origin
		};
		for (const path of ['/blog/a?token=secret', '/self?token=secret', '/hook/redirect?token=secret']) {
			const { tree } = await traced.trace(path, { headers });
			const said = spansOf(tree).map(({ name, attributes, events, status }) => ({
				name,
				attributes,
				events,
				status
			}));
			expect(JSON.stringify(said, bigints)).not.toContain('secret');
			expect(spansOf(tree).flatMap(({ attributes }) => Object.keys(attributes))).not.toContain('http.url');
		}
	});

	test('have the target of a redirect, without query values', async () => {
		const { tree } = await traced.trace('/hook/redirect');
		const location = 'https://elsewhere.example/there?token=REDACTED&page=REDACTED#access_token=REDACTED';
		expect(
			spansOf(tree).map(
				({ attributes }) => Object.entries(attributes).find(([key]) => key.endsWith('.location'))?.[1]
			)
		).toEqual([location, location, location]);
	});

	test('are of the types that the conventions have, on every span and exception', async () => {
		for (const path of [
			'/blog/a?page=2',
			'/hook/redirect',
			'/error/unexpected',
			'/error/expected',
			'/self'
		]) {
			const { tree } = await traced.trace(path);
			const told = spansOf(tree).flatMap((span) => [span, ...span.events]);
			expect(
				told.flatMap(({ name, attributes }) => faultsOf(attributes).map((fault) => `${name}: ${fault}`))
			).toEqual([]);
		}
	});

	test('of a request of the app to itself are stable ones too', async () => {
		const { tree } = await traced.trace('/self');
		const root = spansOf(tree).find(({ name }) => name === 'GET /api/post/[id]')!;
		expect(root).toMatchObject({ kind: 'INTERNAL' });
		expect(root.attributes).toEqual({
			'http.request.method': 'GET',
			'http.route': '/api/post/[id]',
			'url.path': '/api/post/self',
			'sveltekit.is_data_request': false,
			'sveltekit.is_sub_request': true
		});
	});

	describe('behind a proxy', () => {
		let proxied: TracedServer;

		beforeAll(async () => {
			proxied = await startTraced(app.build, {
				env: {
					PROTOCOL_HEADER: 'x-forwarded-proto',
					HOST_HEADER: 'x-forwarded-host',
					ADDRESS_HEADER: 'X-Forwarded-For',
					XFF_DEPTH: '2',
					OTEL_SVELTEKIT_QUERY_PARAMETERS: 'page',
					OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: 'GET,PROPFIND'
				}
			});
		});

		afterAll(() => proxied?.stop());

		test('know the methods of OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS', async () => {
			proxied.receiver.reset();
			await rawRequest(
				proxied.server.port,
				'PROPFIND /api/echo HTTP/1.1\r\nhost: a\r\nx-forwarded-proto: http\r\nx-forwarded-host: a\r\nx-forwarded-for: 192.0.2.1, 192.0.2.2\r\nconnection: close\r\n\r\n'
			);
			await proxied.receiver.waitForSpans((spans) => spans.some(({ kind }) => kind === 'SERVER'));
			const span = proxied.receiver.spans.find(({ kind }) => kind === 'SERVER');
			expect(span!.name).toBe('PROPFIND /api/echo');
			expect(span!.attributes).toMatchObject({ 'http.request.method': 'PROPFIND' });
		});

		test.each(['/', '/trailing', '/_app/nowhere.js'])(
			'follow the settings of adapter-node: %s',
			async (path) => {
				const { tree } = await proxied.trace(`${path}?page=2&token=secret`, {
					headers: {
						'x-forwarded-proto': 'http',
						'x-forwarded-host': '[2001:db8::1]:8080',
						'x-forwarded-for': '192.0.2.1, 192.0.2.2, 192.0.2.3'
					}
				});
				expect(tree.span.attributes).toMatchObject({
					'url.scheme': 'http',
					'server.address': '[2001:db8::1]',
					'server.port': 8080,
					'client.address': '192.0.2.2',
					'network.peer.address': '127.0.0.1',
					'url.query': 'page=2&token=REDACTED'
				});
			}
		);
	});
});

const bigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
