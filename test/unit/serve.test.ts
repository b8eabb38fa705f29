import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ROOT_CONTEXT, propagation, trace } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { extractCaller } from '../../files/http/extract-caller.ts';
import { createProxy } from '../../files/http/proxy.ts';
import { requestOf } from '../../files/http/request-context.ts';
import { createServing } from '../../files/http/serve.ts';
import type { Handler } from '../../files/types/runtime.ts';
import { createTracing } from './support/tracing.ts';

const propagator = new CompositePropagator({
	propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()]
});
const servers: Server[] = [];

afterEach(() => {
	for (const server of servers.splice(0)) {
		server.closeAllConnections();
		server.close();
	}
});

/** Asks a real server for a path that it refuses, which is a SERVER span although SvelteKit is not reached. */
async function ask(handler: Handler, headers: Record<string, string> = {}): Promise<void> {
	const server = createServer((req, res) => void handler(req, res));
	servers.push(server);
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const { port } = server.address() as AddressInfo;
	expect((await fetch(`http://127.0.0.1:${port}/a`, { headers })).status).toBe(404);
}

describe('the handler of a server', () => {
	const refuse = (_req: IncomingMessage, res: ServerResponse): void => void res.writeHead(404).end();

	test('creates one SERVER span for a request, also if it is wrapped several times', async () => {
		const { tracing, exporter } = createTracing();
		const { traceHandler } = createServing(tracing);
		await ask(traceHandler(traceHandler(refuse)));
		await vi.waitFor(() => expect(exporter.getFinishedSpans()).toHaveLength(1));
		expect(tracing.open.size).toBe(0);
	});

	test('creates a separate trace for a request that arrives in the context of another one', async () => {
		const { tracing, exporter } = createTracing({ propagator });
		const { traceHandler } = createServing(tracing);
		const userOf = (): string | undefined =>
			propagation.getBaggage(tracing.contextManager.active())?.getEntry('user')?.value;
		const second = traceHandler((req, res) => {
			expect(userOf()).toBeUndefined();
			refuse(req, res);
		});
		// as on a connection with pipelining, where the end of a response lets the next request in
		await ask(
			traceHandler(async (req, res) => {
				trace.getSpan(tracing.contextManager.active())!.spanContext();
				await ask(second);
				expect(requestOf(tracing.contextManager.active())?.req).toBe(req);
				expect(userOf()).toBe('1');
				refuse(req, res);
			}),
			{ baggage: 'user=1' }
		);
		await vi.waitFor(() => expect(exporter.getFinishedSpans()).toHaveLength(2));
		const [inner, outer] = exporter.getFinishedSpans();
		expect(inner!.parentSpanContext).toBeUndefined();
		expect(inner!.spanContext().traceId).not.toBe(outer!.spanContext().traceId);
	});
});

describe('the caller of a request', () => {
	const headers = {
		traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
		baggage: 'user=1'
	};
	const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

	test('is the parent, and its baggage is propagated', () => {
		const { tracing } = createTracing({ propagator });
		const { context, link } = extractCaller(headers, ROOT_CONTEXT, tracing);
		expect(link).toBeUndefined();
		expect(trace.getSpanContext(context)).toMatchObject(remote);
		expect(propagation.getBaggage(context)?.getEntry('user')?.value).toBe('1');
	});

	test('of a public endpoint is only a link', () => {
		const { tracing } = createTracing({ propagator, publicEndpoint: true });
		const { context, link } = extractCaller(headers, ROOT_CONTEXT, tracing);
		expect(link?.context).toMatchObject(remote);
		expect(trace.getSpanContext(context)).toBeUndefined();
		expect(propagation.getBaggage(context)).toBeUndefined();
	});
});

describe('the variables of adapter-node', () => {
	const requestWith = (headers: Record<string, string | string[]>): IncomingMessage =>
		({ headers, socket: { remoteAddress: '192.0.2.1' } }) as unknown as IncomingMessage;
	const env = {
		HOST_HEADER: 'X-Host',
		PROTOCOL_HEADER: 'X-Proto',
		PORT_HEADER: 'X-Port',
		ADDRESS_HEADER: 'X-For'
	};
	const prefixed = Object.fromEntries(Object.entries(env).map(([name, value]) => [`APP_${name}`, value]));
	const proxied = { host: 'inner', 'x-host': 'shop.example', 'x-proto': 'http', 'x-for': '203.0.113.7' };

	test.each<[what: string, env: NodeJS.ProcessEnv, prefix: string, isRead: boolean]>([
		['without a prefix', env, '', true],
		['with the prefix of the build', prefixed, 'APP_', true],
		['with another prefix', prefixed, '', false],
		['without the prefix of the build', env, 'APP_', false]
	])('are read %s', (_, environment, prefix, isRead) => {
		const proxy = createProxy(environment, prefix);
		const req = requestWith(proxied);
		expect(proxy.origin(req)).toBe(isRead ? 'http://shop.example' : 'https://inner');
		expect(proxy.clientAddress(req)).toBe(isRead ? '203.0.113.7' : '192.0.2.1');
	});

	test.each<[what: string, headers: Record<string, string | string[]>, origin: string | undefined]>([
		['the header that is named', proxied, 'http://shop.example'],
		['the host, where the header that is named is missing', { host: 'inner' }, 'https://inner'],
		['the host, not the authority', { host: 'inner', ':authority': 'other' }, 'https://inner'],
		['the authority of HTTP/2', { ':authority': 'other' }, 'https://other'],
		['the first of several', { 'x-host': ['one', 'two'], 'x-port': ['1', '2'] }, 'https://one:1'],
		['nothing', {}, undefined]
	])('find the origin by %s', (_, headers, origin) => {
		const proxy = createProxy(env, '');
		expect(proxy.origin(requestWith(headers))).toBe(origin);
		expect(proxy.scheme(requestWith(headers))).toBe(origin?.split(':')[0] ?? 'https');
	});

	test('are used if the configuration has no origin', () => {
		const req = requestWith(proxied);
		const own = createProxy({ ...env, ORIGIN: 'https://env' }, '');
		expect([own.origin(req), own.scheme(req)]).toEqual(['https://env', 'https']);
		const built = createProxy({ ORIGIN: 'https://env' }, '', 'http://built');
		expect([built.origin(req), built.scheme(req)]).toEqual(['http://built', 'http']);
	});

	test('never make a scheme of what a client sends', () => {
		const schemes = ['http', 'https', 'HTTP', 'ftp', 'http:', ''].map((value) =>
			createProxy(env, '').scheme(requestWith({ 'x-proto': value }))
		);
		expect(schemes).toEqual(['http', 'https', 'https', 'https', 'https', 'https']);
	});
});
