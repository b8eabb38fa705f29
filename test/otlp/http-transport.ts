import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

import type { Certificates } from './certificates.ts';
import { isAccepted } from './reply.ts';
import type { Reply } from './reply.ts';
import { toRequest } from './request.ts';
import type { ReceivedRequest, Recorder, Transport } from './request.ts';
import { encodeResponse } from './schema.ts';

/** How the HTTP side listens. */
export interface HttpOptions {
	port: number;
	tracesPath: string;
	certificates: Certificates | undefined;
	requireClientCertificate: boolean;
}

const contentTypes = {
	'http/protobuf': 'application/x-protobuf',
	'http/json': 'application/json'
};

/** Starts the `http/protobuf` and `http/json` side. */
export async function startHttp(options: HttpOptions, recorder: Recorder): Promise<Transport> {
	const server = createServer(options, (message, response) => {
		// A sender that hangs up in the middle of its request is nothing to fail a test run for.
		serve(options.tracesPath, recorder, message, response).catch(() => response.destroy());
	});
	server.listen(options.port, '127.0.0.1');
	await once(server, 'listening');

	return {
		port: (server.address() as AddressInfo).port,
		stop: async () => {
			const closed = once(server, 'close');
			server.close();
			server.closeAllConnections();
			await closed;
		}
	};
}

function createServer(options: HttpOptions, listener: RequestListener): Server {
	const { certificates, requireClientCertificate } = options;
	if (!certificates) return createHttpServer(listener);
	return createHttpsServer(
		{
			...certificates.server,
			ca: certificates.ca,
			requestCert: requireClientCertificate,
			rejectUnauthorized: requireClientCertificate
		},
		listener
	);
}

async function serve(
	tracesPath: string,
	recorder: Recorder,
	message: IncomingMessage,
	response: ServerResponse
): Promise<void> {
	const transferred = await buffer(message);
	const request = readRequest(tracesPath, message, transferred);
	const reply = await recorder.receive(request);
	if (response.destroyed) return;
	if (request.protocol !== 'unknown' && !request.error && isAccepted(reply)) {
		recorder.accept(request);
	}
	await answer(request, reply, response);
}

function readRequest(tracesPath: string, message: IncomingMessage, transferred: Buffer): ReceivedRequest {
	const { method = '', url = '', headers, socket } = message;
	const contentType = headers['content-type']?.split(';')[0]?.trim();
	const encoding =
		contentType === contentTypes['http/json']
			? 'http/json'
			: contentType === contentTypes['http/protobuf']
				? 'http/protobuf'
				: 'unknown';
	const signal = url === '/v1/logs' ? 'logs' : url === '/v1/metrics' ? 'metrics' : 'traces';
	const head = {
		protocol: method === 'POST' && (url === tracesPath || signal !== 'traces') ? encoding : 'unknown',
		method,
		path: url,
		headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
		byteSize: transferred.length,
		remotePort: socket.remotePort ?? 0
	} as const;
	try {
		const body = headers['content-encoding'] === 'gzip' ? gunzipSync(transferred) : transferred;
		return toRequest(head, signal, body);
	} catch (error) {
		return { ...toRequest({ ...head, protocol: 'unknown' }, signal, transferred), error: String(error) };
	}
}

async function answer(request: ReceivedRequest, reply: Reply, response: ServerResponse): Promise<void> {
	const { protocol } = request;
	const properStatus = request.error ? 400 : protocol === 'unknown' ? 404 : 200;
	const { fault, status = properStatus, headers = {} } = reply;
	const contentType = protocol === 'http/json' ? contentTypes[protocol] : contentTypes['http/protobuf'];
	const body = reply.body ?? (status === 200 ? properBody(request, reply) : '');

	if (fault === 'never-answer') return;
	if (fault === 'close-before-response') return void response.destroy();
	if (fault === 'endless-body') return writeForever(response, status);
	if (fault === 'close-mid-response') {
		response.writeHead(status, { 'content-type': contentType, 'content-length': 1000, ...headers });
		response.write('{"partial', () => response.destroy());
		return;
	}
	response.writeHead(status, { 'content-type': contentType, ...headers });
	response.end(body);
}

function properBody({ protocol }: ReceivedRequest, { partialSuccess }: Reply): string | Uint8Array {
	if (protocol !== 'http/json') return encodeResponse(partialSuccess);
	return JSON.stringify(partialSuccess ? { partialSuccess } : {});
}

async function writeForever(response: ServerResponse, status: number): Promise<void> {
	const chunk = Buffer.alloc(64 * 1024, ' ');
	response.writeHead(status);
	while (!response.destroyed) {
		if (response.write(chunk)) continue;
		const hungUp = new AbortController();
		const stop = (): void => hungUp.abort();
		response.once('close', stop);
		await once(response, 'drain', { signal: hungUp.signal }).catch(() => {});
		response.off('close', stop);
	}
}
