import { SpanKind, SpanStatusCode, TraceFlags, context, trace } from '@opentelemetry/api';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { TracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startReceiver } from '../otlp/receiver.ts';
import type { Receiver } from '../otlp/receiver.ts';

const remoteParent = {
	traceId: '0af7651916cd43dd8448eb211c80319c',
	spanId: 'b7ad6b7169203331',
	traceFlags: TraceFlags.SAMPLED,
	isRemote: true
};

/** Two spans with one of everything that OTLP can carry. */
function makeSpans(): ReadableSpan[] {
	const exporter = new InMemorySpanExporter();
	const provider = new TracerProvider({
		resource: resourceFromAttributes({ 'service.name': 'shop', 'process.pid': 7 }),
		spanProcessors: [new SimpleSpanProcessor({ exporter })]
	});
	const tracer = provider.getTracer('scope', '1.2.3');
	const parentContext = trace.setSpanContext(context.active(), remoteParent);
	const server = tracer.startSpan(
		'GET /',
		{ kind: SpanKind.SERVER, startTime: [1_700_000_000, 123_456_789] },
		parentContext
	);
	const child = tracer.startSpan(
		'work',
		{
			startTime: [1_700_000_000, 200_000_000],
			links: [{ context: remoteParent, attributes: { why: 'test' } }]
		},
		trace.setSpan(context.active(), server)
	);
	child.setAttributes({
		text: 'ü',
		integer: 42,
		double: 0.5,
		flag: false,
		list: ['a', 'b'],
		numbers: [1, 2]
	});
	child.addEvent('exception', { 'exception.message': 'no' }, [1_700_000_000, 250_000_000]);
	child.setStatus({ code: SpanStatusCode.ERROR, message: 'no' });
	child.end([1_700_000_000, 300_000_000]);
	server.end([1_700_000_001, 0]);
	return exporter.getFinishedSpans();
}

function send(exporter: SpanExporter, spans = makeSpans()): Promise<{ code: number; error?: Error }> {
	return new Promise((resolve) => exporter.export(spans, resolve));
}

function post(url: string, body: string, contentType = 'application/json'): Promise<Response> {
	return fetch(url, { method: 'POST', body, headers: { 'content-type': contentType } });
}

function sendJson(receiver: Receiver, options = {}): ReturnType<typeof send> {
	return send(new JsonExporter({ url: `${receiver.url}/v1/traces`, ...options }));
}

function expectSpans(receiver: Receiver): void {
	const [child, server] = receiver.spans;
	expect(server).toMatchObject({
		traceId: remoteParent.traceId,
		parentSpanId: remoteParent.spanId,
		flags: 0x301,
		name: 'GET /',
		kind: 'SERVER',
		startTimeUnixNano: 1_700_000_000_123_456_789n,
		endTimeUnixNano: 1_700_000_001_000_000_000n,
		status: { code: 'UNSET' },
		resource: { 'service.name': 'shop', 'process.pid': 7 },
		scope: { name: 'scope', version: '1.2.3' }
	});
	expect(child).toMatchObject({
		parentSpanId: server?.spanId,
		flags: 0x101,
		kind: 'INTERNAL',
		attributes: { text: 'ü', integer: 42, double: 0.5, flag: false, list: ['a', 'b'], numbers: [1, 2] },
		droppedAttributesCount: 0,
		events: [
			{ name: 'exception', time: 1_700_000_000_250_000_000n, attributes: { 'exception.message': 'no' } }
		],
		links: [{ traceId: remoteParent.traceId, spanId: remoteParent.spanId, attributes: { why: 'test' } }],
		status: { code: 'ERROR', message: 'no' }
	});
}

describe('over HTTP', () => {
	let receiver: Receiver;
	beforeAll(async () => {
		receiver = await startReceiver();
	});
	beforeEach(() => receiver.reset());
	afterAll(() => receiver.stop());

	test.each([
		['http/protobuf', ProtoExporter],
		['http/json', JsonExporter]
	])('%s arrives whole, plain and compressed', async (protocol, Exporter) => {
		for (const compression of [CompressionAlgorithm.NONE, CompressionAlgorithm.GZIP]) {
			receiver.reset();
			const result = await send(new Exporter({ url: `${receiver.url}/v1/traces`, compression }));
			expect(result.code).toBe(0);
			expectSpans(receiver);
			expect(receiver.requests).toHaveLength(1);
			expect(receiver.requests[0]).toMatchObject({
				protocol,
				method: 'POST',
				path: '/v1/traces',
				isAccepted: true
			});
		}
	});

	test('a request to any other path is recorded and answered with 404', async () => {
		const { status } = await post(`${receiver.url}/v1/profiles`, '{}');
		expect(status).toBe(404);
		expect(receiver.requests).toMatchObject([{ path: '/v1/profiles', protocol: 'unknown' }]);
	});

	test('an invalid body is recorded with the reason and answered with 400', async () => {
		const { status } = await post(`${receiver.url}/v1/traces`, '{"resourceSpans":');
		expect(status).toBe(400);
		expect(receiver.requests[0]?.error).toMatch(/JSON/);
	});

	test('a JSON id that is not hexadecimal is an error', async () => {
		const span = { traceId: 'CvdlGRbNQ92ESOshHIAxnA==', spanId: 't61rcWkgMzE=', name: 'base64' };
		const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
		await post(`${receiver.url}/v1/traces`, body);
		expect(receiver.requests[0]?.error).toMatch(/Invalid id/);
		expect(receiver.spans).toEqual([]);
	});

	test('waiting resolves when the trace is complete, and fails with the received spans if it never is', async () => {
		const [child, server] = makeSpans();
		const exporter = new JsonExporter({ url: `${receiver.url}/v1/traces` });
		const arrived = receiver.waitForTrace(remoteParent.traceId);
		await send(exporter, [child!]);
		await expect(receiver.waitForTrace(remoteParent.traceId, { timeoutMs: 20 })).rejects.toThrow(
			/received 1 spans in 1 requests\nwork {2}INTERNAL {2}100 ms {2}ERROR: no {2}!exception {2}\(trace 0af7/
		);
		await send(exporter, [server!]);
		expect((await arrived).children).toHaveLength(1);
		await expect(receiver.waitForSpans(2)).resolves.toHaveLength(2);
		await expect(receiver.waitForSpans(3, { timeoutMs: 20 })).rejects.toThrow('Waited for 3 spans');
	});

	test('two local roots in one trace are an error', async () => {
		const [, server] = makeSpans();
		const [, sibling] = makeSpans();
		await send(new JsonExporter({ url: `${receiver.url}/v1/traces` }), [server!, sibling!]);
		await expect(receiver.waitForTrace(remoteParent.traceId)).rejects.toThrow('has 2 roots, not one');
	});

	test('a rejected request leaves no span, its retry does', async () => {
		receiver.respond = (_request, index) =>
			index === 0 ? { status: 503, headers: { 'retry-after': '0' } } : {};
		expect((await sendJson(receiver)).code).toBe(0);
		expect(receiver.requests.map(({ isAccepted }) => isAccepted)).toEqual([false, true]);
		expect(receiver.spans).toHaveLength(2);
	});

	// By another client: the exporter takes a status of 200 for success, whatever becomes of the body.
	test('close-mid-response cuts the body', async () => {
		receiver.respond = () => ({ fault: 'close-mid-response' });
		const response = await post(`${receiver.url}/v1/traces`, '{}');
		expect(response.status).toBe(200);
		await expect(response.text()).rejects.toThrow('terminated');
		expect(receiver.requests).toMatchObject([{ isAccepted: false }]);
	});

	test.each(['close-before-response', 'never-answer'] as const)('%s fails at the sender', async (fault) => {
		receiver.respond = () => ({ fault });
		expect((await sendJson(receiver, { timeoutMillis: 100 })).code).toBe(1);
		expect(receiver.spans).toEqual([]);
	});

	test('an endless body goes on until the sender hangs up', async () => {
		receiver.respond = () => ({ fault: 'endless-body' });
		const { body } = await post(`${receiver.url}/v1/traces`, '{}');
		const reader = body!.getReader();
		let size = 0;
		while (size < 1e6) size += (await reader.read()).value?.length ?? 0;
		expect(size).toBeGreaterThan(1e6 - 1);
		await reader.cancel();
	});

	test('redirects, garbage and partial success are answered as configured', async () => {
		receiver.respond = () => ({ status: 307, headers: { location: '/elsewhere' } });
		const redirect = await fetch(`${receiver.url}/v1/traces`, { method: 'POST', redirect: 'manual' });
		expect(redirect.headers.get('location')).toBe('/elsewhere');

		receiver.respond = () => ({ body: '\u0000garbage' });
		expect(await (await post(`${receiver.url}/v1/traces`, '{}')).text()).toBe('\u0000garbage');

		const partialSuccess = { rejectedSpans: 3, errorMessage: 'too old' };
		receiver.respond = () => ({ partialSuccess });
		expect(await (await post(`${receiver.url}/v1/traces`, '{}')).json()).toEqual({ partialSuccess });
	});

	test('stopping closes connections that still wait', async () => {
		const other = await startReceiver({ respond: () => ({ fault: 'never-answer' }) });
		const pending = expect(post(`${other.url}/v1/traces`, '{}')).rejects.toThrow('fetch failed');
		await other.waitForRequest(() => true);
		await other.stop();
		await pending;
	});
});

describe('over gRPC', () => {
	test('spans arrive, and a status rejects them', async () => {
		await using receiver = await startReceiver({ grpc: true });
		const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-grpc');
		const exporter = new OTLPTraceExporter({ url: receiver.grpcUrl });
		expect((await send(exporter)).code).toBe(0);
		expectSpans(receiver);
		expect(receiver.requests[0]?.protocol).toBe('grpc');

		receiver.respond = () => ({ grpcStatus: 16, grpcMessage: 'who?' });
		expect(await send(exporter)).toMatchObject({ code: 1, error: { details: 'who?' } });
		expect(receiver.spans).toHaveLength(2);
		await exporter.shutdown();
	});
});

describe('over TLS', () => {
	test.each(['http', 'grpc'] as const)('%s asks for the certificate of the client', async (side) => {
		await using receiver = await startReceiver({ grpc: true, tls: 'mutual' });
		const { ca, client } = receiver.certificates!;
		const { credentials } = await import('@grpc/grpc-js');
		const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-grpc');
		const create = (identity?: typeof client): SpanExporter =>
			side === 'http'
				? new ProtoExporter({
						url: `${receiver.url}/v1/traces`,
						timeoutMillis: 500,
						httpAgentOptions: { ca, ...identity }
					})
				: new OTLPTraceExporter({
						url: receiver.grpcUrl,
						timeoutMillis: 500,
						credentials: credentials.createSsl(
							Buffer.from(ca),
							identity && Buffer.from(identity.key),
							identity && Buffer.from(identity.cert)
						)
					});
		const known = create(client);
		const stranger = create();
		expect((await send(known)).code).toBe(0);
		expectSpans(receiver);
		expect((await send(stranger)).code).toBe(1);
		expect(receiver.spans).toHaveLength(2);
		await Promise.all([known.shutdown(), stranger.shutdown()]);
	});
});
