import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import {
	type Http2Server,
	type IncomingHttpHeaders,
	type ServerHttp2Session,
	type ServerHttp2Stream,
	createServer
} from 'node:http2';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer as createNetServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { GrpcTransport } from '../../files/otlp/grpc-transport.ts';
import type { OtlpSettings } from '../../files/config/settings.ts';
import { judgeGrpc } from '../../files/otlp/grpc-status.ts';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { startProxy } from '../support/proxy.ts';

const settings = (url: string, more: Partial<OtlpSettings> = {}): OtlpSettings => ({
	signal: 'traces',
	protocol: 'grpc',
	url,
	headers: {},
	timeoutMs: 10_000,
	compression: 'none',
	tls: {},
	...more
});

const noSpans = ProtobufTraceSerializer.serializeRequest([])!;

let receiver: Receiver | undefined;
let transport: GrpcTransport | undefined;

afterEach(async () => {
	transport?.destroy();
	await receiver?.stop();
});

/** A receiver with grpc-js, which is an independent implementation of the protocol. */
async function connect(more: Partial<OtlpSettings> = {}, options: Parameters<typeof startReceiver>[0] = {}) {
	receiver = await startReceiver({ grpc: true, ...options });
	return (transport = new GrpcTransport(settings(receiver.grpcUrl, more), 'test/1'));
}

describe('a gRPC transport', () => {
	test.each(['none', 'gzip'] as const)('delivers with compression %s', async (compression) => {
		const one = await connect({ compression, headers: { 'api-key': 'secret' } });
		expect(await one.send(noSpans, 5000)).toMatchObject({ outcome: 'success' });
		expect(receiver!.requests).toHaveLength(1);
		expect(receiver!.requests[0]).toMatchObject({ protocol: 'grpc', isAccepted: true });
		expect(receiver!.requests[0]!.headers).toMatchObject({ 'api-key': 'secret', 'user-agent': 'test/1' });
	});

	test.each([2 ** 16, 2 ** 21, 2 ** 24])(
		'writes the length of a message of more than %i bytes',
		async (size) => {
			// what comes is not read as OTLP: this server knows only how messages are framed
			const lengths: number[][] = [];
			const server = createServer().listen(0, '127.0.0.1');
			server.on('stream', async (stream) => {
				const message = await buffer(stream);
				lengths.push([message.readUInt32BE(1), message.length - 5]);
				stream.respond({ ':status': 200, 'grpc-status': '0' }, { endStream: true });
			});
			await once(server, 'listening');
			onTestFinished(() => void server.close());
			const { port } = server.address() as AddressInfo;
			transport = new GrpcTransport(settings(`http://127.0.0.1:${port}`), 'test/1');
			expect(await transport.send(Buffer.alloc(size + 3), 10_000)).toMatchObject({ outcome: 'success' });
			expect(lengths).toEqual([[size + 3, size + 3]]);
		}
	);

	test('makes all calls over one connection, also concurrent ones', async () => {
		const one = await connect();
		await Promise.all([one.send(noSpans, 5000), one.send(noSpans, 5000)]);
		await one.send(noSpans, 5000);
		expect(new Set(receiver!.requests.map(({ remotePort }) => remotePort)).size).toBe(1);
	});

	test('sends its client certificate, and trusts the given authority', async () => {
		const first = await connect({}, { tls: 'mutual' });
		expect(await first.send(noSpans, 5000)).toMatchObject({ outcome: 'retryable' });

		const { ca, client } = receiver!.certificates!;
		const tls = { ca, ...client };
		transport = new GrpcTransport(settings(receiver!.grpcUrl, { tls }), 'test/1');
		expect(await transport.send(noSpans, 5000)).toMatchObject({ outcome: 'success' });
	});

	test.each([false, 'mutual'] as const)('goes through the proxy that Node uses, with TLS %s', async (tls) => {
		await connect({}, { tls });
		await using proxy = await startProxy(() => receiver!.grpcPort);
		const { origin, protocol } = new URL(receiver!.grpcUrl);
		const { ca, client } = receiver!.certificates ?? {};
		const variable = protocol === 'https:' ? 'HTTPS_PROXY' : 'http_proxy';
		const throughProxy = (more: Record<string, string> = {}) =>
			(transport = new GrpcTransport(settings(origin, { tls: { ...(ca && { ca }), ...client } }), 'test/1', {
				[variable]: proxy.url.replace('//', '//me:secret%21@'),
				...more
			}));

		const one = throughProxy();
		const both = await Promise.all([one.send(noSpans, 4999.5), one.send(noSpans, 5000)]);
		expect(both).toMatchObject([{ outcome: 'success' }, { outcome: 'success' }]);
		expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${receiver!.grpcPort}`]);
		expect(proxy.authorization).toBe(`Basic ${Buffer.from('me:secret!').toString('base64')}`);
		one.destroy();

		const past = throughProxy({ NO_PROXY: `elsewhere, 127.0.0.1:${receiver!.grpcPort}` });
		expect(await past.send(noSpans, 5000)).toMatchObject({ outcome: 'success' });
		expect(proxy.asked).toHaveLength(1);
	});

	test('connects to a proxy with an IPv6 address', async () => {
		transport = new GrpcTransport(settings('http://collector.invalid:4317'), 'test/1', {
			HTTP_PROXY: 'http://[::1]:1'
		});
		const attempt = await transport.send(noSpans, 5000);
		// nothing listens there, and a machine may have no IPv6
		expect(String((attempt as { error: Error }).error)).toMatch(/ECONNREFUSED|EADDRNOTAVAIL|EAFNOSUPPORT/);
	});

	test('reports an error of the proxy, and times out if the proxy does not respond', async () => {
		await using proxy = await startProxy(() => undefined);
		transport = new GrpcTransport(settings('http://collector.invalid:4317'), 'test/1', {
			HTTP_PROXY: proxy.url
		});
		expect(await transport.send(noSpans, 5000)).toEqual({
			outcome: 'retryable',
			error: new Error('the proxy answers 403')
		});

		const silent = createNetServer().listen(0, '127.0.0.1');
		await once(silent, 'listening');
		onTestFinished(() => void silent.close());
		const { port } = silent.address() as AddressInfo;
		const one = new GrpcTransport(settings('http://collector.invalid:4317'), 'test/1', {
			HTTP_PROXY: `http://127.0.0.1:${port}`
		});
		expect(await one.send(noSpans, 50)).toEqual({
			outcome: 'retryable',
			error: new Error('no answer within 50 ms')
		});
		const cut = one.send(noSpans, 60_000);
		await once(silent, 'connection');
		one.destroy();
		expect(await cut).toMatchObject({ error: new Error('the process ends') });
	});

	test('reports what the collector rejected of a batch', async () => {
		const one = await connect();
		receiver!.respond = () => ({ partialSuccess: { rejectedSpans: 3, errorMessage: 'too many' } });
		const attempt = await one.send(noSpans, 5000);
		expect(attempt.outcome).toBe('success');
		const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(
			(attempt as { body: Uint8Array }).body
		);
		expect(partialSuccess).toMatchObject({ rejectedSpans: 3, errorMessage: 'too many' });
	});

	test('ends an attempt at its timeout, and closes the connection', async () => {
		const one = await connect();
		receiver!.respond = (_, index) => (index === 0 ? { fault: 'never-answer' } : {});
		const attempt = await one.send(noSpans, 100);
		expect(attempt).toMatchObject({ outcome: 'retryable' });
		expect((attempt as { error: Error }).error.message).toBe('no answer within 100 ms');

		expect(await one.send(noSpans, 5000)).toMatchObject({ outcome: 'success' });
		expect(new Set(receiver!.requests.map(({ remotePort }) => remotePort)).size).toBe(2);
	});

	test('reports why a collector cannot be reached, and reconnects when it is back', async () => {
		const one = await connect();
		const { grpcPort } = receiver!;
		await one.send(noSpans, 5000);
		await receiver!.stop();
		const attempt = await one.send(noSpans, 5000);
		expect(attempt.outcome).toBe('retryable');
		const again = await one.send(noSpans, 5000);
		expect(String((again as { error: Error }).error)).toContain('ECONNREFUSED');

		receiver = await startReceiver({ grpc: true, grpcPort });
		expect(await one.send(noSpans, 5000)).toMatchObject({ outcome: 'success' });
	});

	test('never throws, also with headers that HTTP/2 does not allow', async () => {
		const one = await connect({ headers: { ':path': '/elsewhere', connection: 'close' } });
		expect(await one.send(noSpans, 5000)).toMatchObject({ outcome: 'failure' });
	});

	test('treats a response that is not gRPC as a failure', async () => {
		const server = createServer((_, response) => response.writeHead(404).end('not here'));
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		const { port } = server.address() as AddressInfo;
		transport = new GrpcTransport(settings(`http://127.0.0.1:${port}`), 'test/1');
		expect(await transport.send(noSpans, 5000)).toMatchObject({
			outcome: 'failure',
			error: new Error('it answers 404, which is not gRPC')
		});
		server.close();
	});
});

describe('the status of a gRPC response', () => {
	const judge = (trailers: IncomingHttpHeaders) => judgeGrpc({ headers: {}, trailers }, Buffer.alloc(0));

	test.each([
		['1', 'retryable', 'CANCELLED'],
		['2', 'failure', 'UNKNOWN'],
		['3', 'failure', 'INVALID_ARGUMENT'],
		['4', 'retryable', 'DEADLINE_EXCEEDED'],
		['7', 'failure', 'PERMISSION_DENIED'],
		['8', 'failure', 'RESOURCE_EXHAUSTED'],
		['10', 'retryable', 'ABORTED'],
		['11', 'retryable', 'OUT_OF_RANGE'],
		['14', 'retryable', 'UNAVAILABLE'],
		['15', 'retryable', 'DATA_LOSS'],
		['16', 'failure', 'UNAUTHENTICATED'],
		['99', 'failure', 'status 99']
	])('%s is %s: %s', (status, outcome, name) => {
		expect(judge({ 'grpc-status': status, 'grpc-message': 'so%20it%20is' })).toMatchObject({
			outcome,
			error: new Error(`it answers ${name}: so it is`)
		});
	});

	test('is read from the headers if there is no message', () => {
		expect(judgeGrpc({ headers: { 'grpc-status': '14' }, trailers: {} }, Buffer.alloc(0)).outcome).toBe(
			'retryable'
		);
	});

	test('is retryable after the delay that the server sends', () => {
		// a Status whose detail is a RetryInfo of two seconds
		const type = 'type.googleapis.com/google.rpc.RetryInfo';
		const info = Buffer.from([0x12, 4, 0x0a, 2, 0x08, 2]);
		const any = Buffer.concat([Buffer.from([0x0a, type.length]), Buffer.from(type), info]);
		const details = Buffer.concat([Buffer.from([0x1a, any.length]), any]).toString('base64');
		expect(judge({ 'grpc-status': '8', 'grpc-status-details-bin': details })).toMatchObject({
			outcome: 'retryable',
			retryAfterMs: 2000
		});
	});

	test.each(['', 'AAAA', '////', 'GgH/', Buffer.from([0x1a, 200]).toString('base64')])(
		'is not upset by details that cannot be read: %j',
		(details) => {
			expect(judge({ 'grpc-status': '8', 'grpc-status-details-bin': details }).outcome).toBe('failure');
		}
	);
});

describe('a gRPC transport and a server that is not grpc-js', () => {
	const GRPC = { ':status': 200, 'content-type': 'application/grpc' };

	/** Answers by hand; resolves with the transport and what was asked. */
	async function connectTo(
		answer: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, index: number) => void
	) {
		const server = createServer();
		const sessions: ServerHttp2Session[] = [];
		const asked: IncomingHttpHeaders[] = [];
		server.on('session', (session) => sessions.push(session));
		server.on('stream', (stream, headers) => answer(stream, headers, asked.push(headers) - 1));
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		servers.push(server);
		const { port } = server.address() as AddressInfo;
		transport = new GrpcTransport(settings(`http://127.0.0.1:${port}`), 'test/1');
		return { transport, sessions, asked };
	}

	const servers: Http2Server[] = [];
	afterEach(() => servers.splice(0).forEach((server) => server.close()));

	const accept = (stream: ServerHttp2Stream): void => {
		stream.respond({ ...GRPC, 'grpc-status': '0' }, { endStream: true });
	};

	test('calls over a new connection after GOAWAY', async () => {
		const { transport: one, sessions } = await connectTo(accept);
		expect(await one.send(noSpans, 5000)).toMatchObject({ outcome: 'success' });
		sessions[0]!.goaway();
		// it has to arrive
		await delay(100);
		expect(await one.send(noSpans, 5000)).toMatchObject({ outcome: 'success' });
		expect(sessions).toHaveLength(2);
	});

	test('closes its connection at shutdown', async () => {
		const { transport: one, sessions } = await connectTo(accept);
		await one.send(noSpans, 5000);
		one.destroy();
		await once(sessions[0]!, 'close');
		expect(sessions[0]!.destroyed).toBe(true);
	});

	test('limits the size of a response', async () => {
		const { transport: one } = await connectTo((stream) => {
			stream.on('error', () => {});
			stream.respond(GRPC);
			const chunk = Buffer.alloc(16 * 1024);
			const write = (): void => {
				if (!stream.destroyed) stream.write(chunk, () => setImmediate(write));
			};
			write();
		});
		expect(await one.send(noSpans, 5000)).toMatchObject({
			outcome: 'retryable',
			error: new Error('its answer is longer than 65536 bytes')
		});
	});

	test.each([
		[200, '200m'],
		[1500.5, '1501m'],
		[99_999_999, '99999999m'],
		[2_000_000_000, '2000000S']
	])('tells the server its limit: %i ms', async (timeoutMs, header) => {
		const { transport: one, asked } = await connectTo(accept);
		await one.send(noSpans, timeoutMs);
		expect(asked[0]!['grpc-timeout']).toBe(header);
	});
});
