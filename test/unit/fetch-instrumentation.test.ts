import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FetchInstrumentation } from '../../files/instrumentation/fetch-instrumentation.ts';

const exporter = new InMemorySpanExporter();
const instrumentation = new FetchInstrumentation({});
instrumentation.setTracerProvider(
	new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
);

/** What a client of WebSocket wants to see (https://datatracker.ietf.org/doc/html/rfc6455#section-1.3). */
const accept = (key: string): string =>
	createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

const server = createServer((req, res) => {
	if (req.url === '/refused') res.statusCode = 403;
	if (req.url === '/hinted') res.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
	if (req.url !== '/never') res.end(Buffer.alloc(req.url === '/big' ? 1e6 : 10));
});
server.on('upgrade', (req, socket) => {
	socket.on('error', () => {});
	if (req.url === '/refused') return socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
	socket.write(
		`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept(req.headers['sec-websocket-key']!)}\r\n\r\n`
	);
});
let url: string;

beforeAll(async () => {
	await once(server.listen(0, '127.0.0.1'), 'listening');
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
	instrumentation.disable();
	server.closeAllConnections();
	server.close();
});

beforeEach(() => exporter.reset());

describe('the span of a request that the app makes', () => {
	test('ends with the headers of the response, whether or not the body is read', async () => {
		const response = await fetch(`${url}/big`);
		const [span] = exporter.getFinishedSpans();
		expect(span).toMatchObject({
			kind: SpanKind.CLIENT,
			name: 'GET',
			status: { code: SpanStatusCode.UNSET }
		});
		expect(span!.attributes).toMatchObject({ 'http.response.status_code': 200 });

		await response.body!.cancel('enough');
		await (await fetch(`${url}/big`)).arrayBuffer();
		expect(exporter.getFinishedSpans()).toHaveLength(2);
		for (const { events, status } of exporter.getFinishedSpans()) {
			expect(events).toEqual([]);
			expect(status.code).toBe(SpanStatusCode.UNSET);
		}
	});

	test('ends with the headers of the last response, not with early hints', async () => {
		await (await fetch(`${url}/hinted`)).arrayBuffer();
		expect(exporter.getFinishedSpans().map(({ attributes }) => attributes)).toMatchObject([
			{ 'http.response.status_code': 200 }
		]);
	});

	test('has the name of the timeout that was exceeded', async () => {
		await expect(fetch(`${url}/never`, { signal: AbortSignal.timeout(500) })).rejects.toThrow();
		const [span] = exporter.getFinishedSpans();
		expect(span!.status.code).toBe(SpanStatusCode.ERROR);
		expect(span!.attributes['error.type']).toBe('TimeoutError');
		expect(span!.events[0]!.attributes!['exception.type']).toBe('TimeoutError');
	});

	test('is not an error if the app cancels it', async () => {
		await expect(fetch(`${url}/never`, { signal: AbortSignal.abort() })).rejects.toThrow();
		const leaving = new AbortController();
		const response = fetch(`${url}/never`, { signal: leaving.signal });
		await once(server, 'request');
		leaving.abort();
		await expect(response).rejects.toThrow();
		// the first one was given up before it was made
		expect(exporter.getFinishedSpans()).toHaveLength(1);
		for (const { status } of exporter.getFinishedSpans()) expect(status.code).toBe(SpanStatusCode.UNSET);
	});

	test.each([
		['/socket', 'open', 101, SpanStatusCode.UNSET],
		['/refused', 'error', 403, SpanStatusCode.ERROR]
	])('ends with the handshake of a WebSocket: %s', async (path, event, status, code) => {
		const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`);
		await new Promise((resolve) => socket.addEventListener(event, resolve, { once: true }));
		await expect.poll(() => exporter.getFinishedSpans()).toHaveLength(1);
		const [span] = exporter.getFinishedSpans();
		expect(span!.attributes).toMatchObject({ 'http.response.status_code': status, 'url.path': path });
		expect(span!.status.code).toBe(code);
		socket.close();
	});
});
