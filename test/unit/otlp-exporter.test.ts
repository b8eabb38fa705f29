import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { OtlpSettings } from '../../files/configure/otlp.ts';
import { ExportHealth } from '../../files/export/export-health.ts';
import { OtlpExporter } from '../../files/export/otlp-exporter.ts';
import { serializer as json } from '../../files/export/otlp-json.ts';
import { serializer as protobuf } from '../../files/export/otlp-protobuf.ts';
import { createTransport } from '../../files/export/transport.ts';
import { type Receiver, type Reply, startReceiver } from '../otlp/receiver.ts';

const protocols = ['http/protobuf', 'http/json', 'grpc'] as const;

let receiver: Receiver;
let written: string[];

beforeEach(async () => {
	receiver = await startReceiver({ grpc: true });
	written = [];
	// the shortest pauses that the jitter allows
	vi.spyOn(Math, 'random').mockReturnValue(0);
	vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
});

afterEach(async () => {
	vi.restoreAllMocks();
	await receiver.stop();
});

function makeSpans(count: number): ReadableSpan[] {
	const ended: ReadableSpan[] = [];
	const provider = new TracerProvider({
		resource: resourceFromAttributes({ 'service.name': 'unit' }),
		spanProcessors: [
			{
				onStart: () => {},
				onEnd: (span) => void ended.push(span),
				forceFlush: async () => {},
				shutdown: async () => {}
			}
		]
	});
	for (let index = 0; index < count; index++) provider.getTracer('t').startSpan(`span ${index}`).end();
	return ended;
}

async function createExporter(
	protocol: (typeof protocols)[number],
	overrides: Partial<OtlpSettings> = {}
): Promise<{ exporter: OtlpExporter; health: ExportHealth; send(count: number): Promise<ExportResult> }> {
	const settings: OtlpSettings = {
		protocol,
		url: protocol === 'grpc' ? receiver.grpcUrl : `${receiver.url}/v1/traces`,
		headers: { 'x-api-key': 'secret' },
		timeoutMs: 3000,
		compression: 'none',
		tls: {},
		...overrides
	};
	const health = new ExportHealth('collector', 2048);
	const transport = await createTransport(settings, 'unit/1');
	const exporter = new OtlpExporter(
		protocol === 'http/json' ? json : protobuf,
		transport,
		settings.timeoutMs,
		health
	);
	const send = (count: number): Promise<ExportResult> =>
		new Promise((resolve) => exporter.export(makeSpans(count), resolve));
	return { exporter, health, send };
}

const { SUCCESS, FAILED } = ExportResultCode;

describe.each(protocols)('%s', (protocol) => {
	test.each(['none', 'gzip'] as const)('delivers spans and headers, compression %s', async (compression) => {
		const { exporter, send } = await createExporter(protocol, { compression });
		expect(await send(3)).toEqual({ code: SUCCESS });
		expect(receiver.spans.map(({ name }) => name)).toEqual(['span 0', 'span 1', 'span 2']);
		expect(receiver.requests[0]).toMatchObject({
			protocol,
			headers: { 'x-api-key': 'secret', 'user-agent': expect.stringContaining('unit/1') }
		});
		await exporter.shutdown();
	});

	// what is sent again, and what is not, by the OTLP specification
	test.each<[string, Reply, Reply, number]>([
		['an overloaded collector', { status: 503 }, { grpcStatus: 14 }, 2],
		['a collector that asks for a pause', { status: 429 }, { grpcStatus: 10 }, 2],
		['a bad gateway', { status: 502 }, { grpcStatus: 15 }, 2],
		['a gateway timeout', { status: 504 }, { grpcStatus: 4 }, 2],
		['a request that is wrong', { status: 400 }, { grpcStatus: 3 }, 1],
		['a wrong key', { status: 401 }, { grpcStatus: 16 }, 1],
		['a wrong path', { status: 404 }, { grpcStatus: 12 }, 1],
		['an error inside the collector', { status: 500 }, { grpcStatus: 13 }, 1]
	])('after %s', async (_, httpReply, grpcReply, attempts) => {
		receiver.respond = (_request, index) =>
			index > 0 ? undefined : protocol === 'grpc' ? grpcReply : httpReply;
		const { exporter, send } = await createExporter(protocol);
		expect(await send(1)).toMatchObject({ code: attempts === 1 ? FAILED : SUCCESS });
		expect(receiver.requests).toHaveLength(attempts);
		await exporter.shutdown();
	});

	test('counts what the collector rejects of a batch', async () => {
		receiver.respond = () => ({ partialSuccess: { rejectedSpans: 2, errorMessage: 'too old' } });
		const { exporter, health, send } = await createExporter(protocol);
		expect(await send(3)).toEqual({ code: SUCCESS });
		expect(health.lost).toBe(2);
		await exporter.shutdown();
	});

	test('gives up at its timeout when nothing is answered', async () => {
		receiver.respond = () => ({ fault: 'never-answer' });
		const { exporter, send } = await createExporter(protocol, { timeoutMs: 300 });
		expect(await send(1)).toMatchObject({ code: FAILED });
		await exporter.shutdown();
	});

	test('ends what is under way at once when it is shut down', async () => {
		receiver.respond = () => ({ fault: 'never-answer' });
		const { exporter, send } = await createExporter(protocol, { timeoutMs: 60_000 });
		const sent = send(1);
		await receiver.waitForRequest(() => true);
		await exporter.shutdown();
		expect(await sent).toMatchObject({ code: FAILED });
	});
});

test('sends nothing before the time that the collector has named, for any export', async () => {
	receiver.respond = (_request, index) =>
		index === 0 ? { status: 429, headers: { 'retry-after': '1' } } : {};
	const { exporter, send } = await createExporter('http/protobuf');
	const first = send(1);
	const refused = await receiver.waitForRequest(() => true);
	await vi.waitFor(() => expect(written.join('')).toContain('429'));
	const second = send(1);
	await Promise.all([first, second]);
	// timers may be a little early
	for (const { receivedAt } of receiver.requests.slice(1)) {
		expect(receivedAt - refused.receivedAt).toBeGreaterThanOrEqual(990);
	}
	expect(receiver.requests).toHaveLength(3);
	await exporter.shutdown();
});

test('a pause ends when there may be no later', async () => {
	receiver.respond = (_request, index) => (index === 0 ? { status: 503 } : {});
	vi.spyOn(Math, 'random').mockReturnValue(1);
	const { exporter, send } = await createExporter('http/protobuf', { timeoutMs: 60_000 });
	const sent = send(1);
	await vi.waitFor(() => expect(written.join('')).toContain('503'));
	await exporter.forceFlush();
	expect(await sent).toEqual({ code: SUCCESS });
	await exporter.shutdown();
});

test('a kept connection that the collector has closed is not told as a failure', async () => {
	const { exporter, health, send } = await createExporter('http/protobuf');
	await send(1);
	const { port } = receiver;
	await receiver.stop();
	receiver = await startReceiver({ port });
	expect(await send(1)).toEqual({ code: SUCCESS });
	expect(written).toEqual([]);
	expect(health.lost).toBe(0);
	await exporter.shutdown();
});

test('an answer that is no HTTP is a failure that is told by its cause', async () => {
	const server = createServer((socket) => socket.on('data', () => socket.end('SMTP ready\r\n')));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const { exporter, send } = await createExporter('http/protobuf', {
		url: `http://127.0.0.1:${port}/v1/traces`,
		timeoutMs: 1000
	});
	expect(await send(1)).toMatchObject({ code: FAILED });
	expect(written.join('')).toMatch(/does not take spans: Parse Error/);
	server.close();
	await exporter.shutdown();
});

test.each<[string, Reply, RegExp]>([
	['answers with a redirect', { status: 302, headers: { location: 'http://127.0.0.1:9/' } }, /302/],
	['cuts its answer', { fault: 'close-mid-response' }, /aborted/],
	['cuts the connection', { fault: 'close-before-response' }, /socket hang up/],
	['answers without an end', { fault: 'endless-body' }, /longer than 65536 bytes/]
])('a collector that %s is a failure that is told by its cause', async (_, reply, cause) => {
	receiver.respond = () => reply;
	const { exporter, send } = await createExporter('http/protobuf', { timeoutMs: 600 });
	const { code, error } = await send(1);
	expect(code).toBe(FAILED);
	expect(`${written.join('')}${error?.message}`).toMatch(cause);
	await exporter.shutdown();
});

test('garbage in an answer that says yes is no failure', async () => {
	receiver.respond = () => ({ body: '\u0000\u0001 this is no protobuf' });
	const { exporter, send } = await createExporter('http/protobuf');
	expect(await send(1)).toEqual({ code: SUCCESS });
	await exporter.shutdown();
});
