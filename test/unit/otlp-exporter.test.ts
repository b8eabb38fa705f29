import { createServer } from 'node:net';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Span } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { OtlpSettings } from '../../files/config/otlp.ts';
import { BatchSpanProcessor } from '../../files/traces/batch-span-processor.ts';
import { ExportHealth } from '../../files/otlp/export-health.ts';
import { wordingOfSpans } from '../../files/traces/wording.ts';
import { loadLastExport } from '../../files/shutdown/last-export.ts';
import { type Exported, OtlpExporter } from '../../files/otlp/otlp-exporter.ts';
import { encoding as json } from '../../files/traces/spans-json.ts';
import { encoding as protobuf } from '../../files/traces/spans-protobuf.ts';
import { type Transport, createTransport } from '../../files/otlp/transport.ts';
import { encode } from './support/encode.ts';
import { type Receiver, type Reply, startReceiver } from '../otlp/receiver.ts';
import { createProcessor } from './support/span-processor.ts';
import { captureStderr } from './support/stderr.ts';

const protocols = ['http/protobuf', 'http/json', 'grpc'] as const;

let receiver: Receiver;
const written = captureStderr();

beforeEach(async () => {
	receiver = await startReceiver({ grpc: true });
	// the shortest pauses that the jitter allows
	vi.spyOn(Math, 'random').mockReturnValue(0);
});

afterEach(async () => {
	await receiver.stop();
});

/** Spans of the SDK's own, which takes down whatever an app says, and what the second of them is called with. */
function makeSpans(count: number, act: (span: Span) => void = () => {}): ReadableSpan[] {
	const ended: ReadableSpan[] = [];
	const provider = new TracerProvider({
		resource: resourceFromAttributes({ 'service.name': 'unit' }),
		spanProcessors: [createProcessor({ onEnd: (span) => void ended.push(span) })]
	});
	for (let index = 0; index < count; index++) {
		const span = provider.getTracer('t').startSpan(`span ${index}`);
		if (index === 1) act(span);
		if (span.isRecording()) span.end();
	}
	return ended;
}

async function createExporter(
	protocol: (typeof protocols)[number],
	overrides: Partial<OtlpSettings> = {}
): Promise<{
	exporter: OtlpExporter;
	transport: Transport;
	health: ExportHealth;
	processor: BatchSpanProcessor;
	send(count: number): Promise<Exported>;
}> {
	const settings: OtlpSettings = {
		signal: 'traces',
		protocol,
		url: protocol === 'grpc' ? receiver.grpcUrl : `${receiver.url}/v1/traces`,
		headers: { 'x-api-key': 'secret' },
		// as good as none: tests of a limit have one of their own
		timeoutMs: 60_000,
		compression: 'none',
		tls: {},
		...overrides
	};
	const health = new ExportHealth(settings, wordingOfSpans(2048));
	const transport = await createTransport(settings, 'unit/1');
	const encoding = protocol === 'http/json' ? json : protobuf;
	const exporter = new OtlpExporter(encoding.decodeResponse, transport, settings.timeoutMs, health);
	const spans = encoding.createBatch((span, cause) =>
		health.unencodable(span.instrumentationScope.name, cause)
	);
	const processor = new BatchSpanProcessor(spans, exporter, batch, health);
	const send = (count: number): Promise<Exported> => exporter.export(encode(encoding, makeSpans(count)));
	return { exporter, transport, health, processor, send };
}

const batch = { maxQueueSize: 100, maxExportBatchSize: 10, scheduleDelayMs: 60_000, exportTimeoutMs: 30_000 };

/** What a span cannot be encoded after. */
const malformed: [what: string, act: (span: Span) => void][] = [
	['no name', (span) => span.updateName(undefined as never)],
	['a number for a name', (span) => span.updateName(5 as never)],
	['an event without a name', (span) => span.addEvent(undefined as never)],
	['an event with a number for a name', (span) => span.addEvent(5 as never)],
	['an event at no time', (span) => span.addEvent('event', {}, new Date(NaN))],
	['a link to no span', (span) => span.addLink({ context: {} as never })],
	['an end at no time', (span) => span.end(new Date(NaN))]
];

describe.each(protocols)('%s', (protocol) => {
	test.each(['none', 'gzip'] as const)('delivers spans and headers, compression %s', async (compression) => {
		const { exporter, send } = await createExporter(protocol, { compression });
		expect(await send(3)).toEqual({ error: undefined });
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
		expect((await send(1)).error === undefined).toBe(attempts > 1);
		expect(receiver.requests).toHaveLength(attempts);
		await exporter.shutdown();
	});

	test('counts what the collector rejects of a batch', async () => {
		receiver.respond = () => ({ partialSuccess: { rejectedSpans: 2, errorMessage: 'too old' } });
		const { exporter, health, send } = await createExporter(protocol);
		expect(await send(3)).toEqual({ error: undefined });
		expect(health.lost).toBe(2);
		await exporter.shutdown();
	});

	test.each(malformed)('loses a span with %s, but no other span', async (_, act) => {
		const { health, processor } = await createExporter(protocol);
		for (const span of makeSpans(3, act)) processor.onEnd(span);
		await processor.forceFlush();
		expect(receiver.spans.map(({ name }) => name)).toEqual(['span 0', 'span 2']);
		expect(health).toMatchObject({ lost: 1, failing: false });
		expect(written).toEqual([
			expect.stringMatching(
				/a span of the tracer "t" cannot be encoded \(.+\): it is dropped, the others are sent/
			)
		]);
		await processor.shutdown();
		expect(written).toHaveLength(1);
	});

	test('does not log a failure of the collector if no span of a batch can be encoded', async () => {
		const { health, processor } = await createExporter(protocol);
		health.failed(new Error('it answers 503'), 0);
		for (const [, act] of malformed) processor.onEnd(makeSpans(2, act)[1]!);
		await processor.forceFlush();
		expect(receiver.requests).toEqual([]);
		expect(health).toMatchObject({ lost: malformed.length, failing: true });
		await processor.shutdown();
	});

	test('counts a span that cannot be encoded once, also when the others are not delivered', async () => {
		receiver.respond = () => ({ status: 400, grpcStatus: 3 });
		const { health, processor } = await createExporter(protocol);
		for (const span of makeSpans(3, malformed[0]![1])) processor.onEnd(span);
		await processor.forceFlush();
		expect(health.lost).toBe(3);
		await processor.shutdown();
	});

	test('omits spans that cannot be encoded from the last export', async () => {
		const { exporter, health, processor } = await createExporter(protocol);
		for (const [, act] of malformed) processor.onEnd(makeSpans(2, act)[1]!);
		const batches = [...exporter.unsent(), ...processor.drain()];
		const exportLast = await loadLastExport({});
		exportLast([{ batches, unanswered: [], otlp: {} as OtlpSettings, health }], '', 1000);
		expect(health.lost).toBe(malformed.length);
		await exporter.shutdown();
	});

	test('knows what was sent and has no answer yet', async () => {
		receiver.respond = () => ({ fault: 'never-answer' });
		const { exporter, send } = await createExporter(protocol);
		const before = performance.now();
		const sent = send(3);
		await expect.poll(() => exporter.unanswered()).toEqual([{ count: 3, since: expect.any(Number) }]);
		expect(exporter.unanswered()[0]!.since).toBeGreaterThanOrEqual(before);
		expect(exporter.unsent()).toEqual([]);
		await exporter.shutdown();
		await sent;
	});

	test('fails at its timeout if there is no response', async () => {
		receiver.respond = () => ({ fault: 'never-answer' });
		const { exporter, send } = await createExporter(protocol, { timeoutMs: 300 });
		expect(await send(1)).toMatchObject({ error: expect.any(Error) });
		await exporter.shutdown();
	});

	test('does not restart at its timeout, also on a reused connection', async () => {
		const { exporter, transport, send } = await createExporter(protocol);
		expect(await send(1)).toEqual({ error: undefined });
		await new Promise((resolve) => setImmediate(resolve));
		receiver.respond = () => ({ fault: 'never-answer' });
		const { body } = encode(protocol === 'http/json' ? json : protobuf, makeSpans(1));
		const silent = transport.send(body, 500);
		const [first] = receiver.requests;
		const second = await receiver.waitForRequest((request) => request !== first);
		expect(await silent).toMatchObject({ outcome: 'retryable' });
		expect(second.remotePort).toBe(first!.remotePort);
		receiver.respond = undefined;
		// a second attempt would arrive among these
		for (let more = 0; more < 20; more++) expect(await send(1)).toEqual({ error: undefined });
		expect(receiver.requests).toHaveLength(22);
		await exporter.shutdown();
	});

	test('ends exports in progress at once when it is shut down', async () => {
		receiver.respond = () => ({ fault: 'never-answer' });
		const { exporter, send } = await createExporter(protocol, { timeoutMs: 60_000 });
		const sent = send(1);
		await receiver.waitForRequest(() => true);
		await exporter.shutdown();
		expect(await sent).toMatchObject({ error: expect.any(Error) });
	});
});

test('sends no export before the end of Retry-After', async () => {
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

test('a delay ends early at shutdown', async () => {
	receiver.respond = (_request, index) => (index === 0 ? { status: 503 } : {});
	vi.spyOn(Math, 'random').mockReturnValue(1);
	const { exporter, send } = await createExporter('http/protobuf', { timeoutMs: 60_000 });
	const sent = send(1);
	await vi.waitFor(() => expect(written.join('')).toContain('503'));
	await exporter.forceFlush();
	expect(await sent).toEqual({ error: undefined });
	await exporter.shutdown();
});

test('a reused connection that the collector has closed is not logged as a failure', async () => {
	const { exporter, health, send } = await createExporter('http/protobuf');
	await send(1);
	const { port } = receiver;
	await receiver.stop();
	receiver = await startReceiver({ port });
	expect(await send(1)).toEqual({ error: undefined });
	expect(written).toEqual([]);
	expect(health.lost).toBe(0);
	await exporter.shutdown();
});

test('a body is in use while it is being sent to a collector that has already responded', async () => {
	const server = createServer((socket) =>
		socket.once('data', () => {
			socket.pause();
			socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
		})
	);
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const { exporter } = await createExporter('http/protobuf', { url: `http://127.0.0.1:${port}/v1/traces` });
	// more than the operating system takes off Node's hands
	const body = new Uint8Array(64 * 1024 * 1024);
	expect(await exporter.export({ body, count: 1 })).toEqual({ error: undefined, isInUse: true });
	await exporter.shutdown();
	server.close();
});

test('a response that is not HTTP is a failure, logged with its cause', async () => {
	const server = createServer((socket) => socket.on('data', () => socket.end('SMTP ready\r\n')));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const { exporter, send } = await createExporter('http/protobuf', {
		url: `http://127.0.0.1:${port}/v1/traces`
	});
	const sent = send(1);
	await vi.waitFor(() => expect(written.join('')).toMatch(/does not accept spans: Parse Error/));
	await exporter.shutdown();
	expect(await sent).toMatchObject({ error: expect.any(Error) });
	server.close();
});

test.each<[string, Reply, RegExp]>([
	['answers with a redirect', { status: 302, headers: { location: 'http://127.0.0.1:9/' } }, /302/],
	['cuts its answer', { fault: 'close-mid-response' }, /aborted/],
	['cuts the connection', { fault: 'close-before-response' }, /socket hang up/],
	['responds without an end', { fault: 'endless-body' }, /longer than 65536 bytes/]
])('a collector that %s is a failure that is logged by its cause', async (_, reply, cause) => {
	receiver.respond = () => reply;
	const { exporter, send } = await createExporter('http/protobuf');
	const sent = send(1);
	// a retryable failure is logged at once, another one is the result
	const refused = sent.then(({ error }) => String(error));
	const told = vi.waitFor(() => expect(written).not.toEqual([]), { timeout: 4000 }).then(() => written[0]!);
	expect(await Promise.race([refused, told])).toMatch(cause);
	await exporter.shutdown();
	expect(await sent).toMatchObject({ error: expect.any(Error) });
});

test('an unreadable body in a successful response is not a failure', async () => {
	receiver.respond = () => ({ body: '\u0000\u0001 this is no protobuf' });
	const { exporter, send } = await createExporter('http/protobuf');
	expect(await send(1)).toEqual({ error: undefined });
	await exporter.shutdown();
});

test('a date in Retry-After is obeyed', async () => {
	receiver.respond = (_request, index) =>
		index === 0 ? { status: 503, headers: { 'retry-after': new Date(Date.now() + 2000).toUTCString() } } : {};
	const { exporter, send } = await createExporter('http/protobuf', { timeoutMs: 10_000 });
	expect(await send(1)).toEqual({ error: undefined });
	const [refused, taken] = receiver.requests;
	// a date has whole seconds; without it the pause is 250 ms
	expect(taken!.receivedAt - refused!.receivedAt).toBeGreaterThan(500);
	await exporter.shutdown();
});

test('a response with 202 is a success', async () => {
	receiver.respond = () => ({ status: 202 });
	const { exporter, send } = await createExporter('http/protobuf');
	expect(await send(1)).toEqual({ error: undefined });
	expect(receiver.requests).toHaveLength(1);
	await exporter.shutdown();
});

test('the user’s headers do not change the content type', async () => {
	const { exporter, send } = await createExporter('http/protobuf', {
		headers: { 'content-type': 'text/plain' }
	});
	await send(1);
	expect(receiver.requests[0]!.headers['content-type']).toBe('application/x-protobuf');
	await exporter.shutdown();
});

test('idle connections are closed at shutdown', async () => {
	const server = createHttpServer((req, res) => req.resume().on('end', () => res.end()));
	const sockets: Socket[] = [];
	server.on('connection', (socket) => sockets.push(socket));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const { exporter, send } = await createExporter('http/protobuf', {
		url: `http://127.0.0.1:${port}/v1/traces`
	});
	await send(1);
	const [socket] = sockets;
	expect(socket!.destroyed).toBe(false);
	await exporter.shutdown();
	await once(socket!, 'close');
	server.close();
});

test('the last export is not tried while the collector fails', async () => {
	const { exporter, health } = await createExporter('http/protobuf');
	health.failed(new Error('it answers 503'), 0);
	const batches = [encode(protobuf, makeSpans(2))];
	const otlp = { protocol: 'http/protobuf', url: `${receiver.url}/v1/traces`, headers: {}, tls: {} };
	const exportLast = await loadLastExport({});
	exportLast([{ batches, unanswered: [], otlp: otlp as OtlpSettings, health }], 'unit/1', 5000);
	// the receiver, which has stood still as well, would have that one first
	const later = await createExporter('http/protobuf');
	expect(await later.send(1)).toEqual({ error: undefined });
	expect(receiver.requests).toHaveLength(1);
	await later.exporter.shutdown();
	expect(health.lost).toBe(2);
	await exporter.shutdown();
});

test.each([
	['a second ago', 1000, 5000, 3],
	// the answer may have arrived
	['just now', 0, 5000, 0],
	['just now, but the time limit is used up', 0, 0, 3]
])('at the end, what was sent %s without an answer', async (_, agoMs, timeoutMs, lost) => {
	const { exporter, health } = await createExporter('http/protobuf');
	const unanswered = [{ count: 3, since: performance.now() - agoMs }];
	const exportLast = await loadLastExport({});
	exportLast([{ batches: [], unanswered, otlp: {} as OtlpSettings, health }], '', timeoutMs);
	expect(health.lost).toBe(lost);
	expect(written.join('').includes('has not accepted everything: 3 spans lost in all')).toBe(lost > 0);
	await exporter.shutdown();
});
