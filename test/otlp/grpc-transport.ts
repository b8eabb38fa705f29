import { Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServiceDefinition, UntypedHandleCall, sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';

import type { Certificates } from './certificates.ts';
import { isAccepted } from './reply.ts';
import { toRequest } from './request.ts';
import type { Recorder, Transport } from './request.ts';
import { encodeResponse } from './schema.ts';
import type { Signal } from './schema.ts';

/** How the gRPC side listens. */
export interface GrpcOptions {
	port: number;
	certificates: Certificates | undefined;
	requireClientCertificate: boolean;
}

const tracesMethod = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const logsMethod = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';

const metricsMethod = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';

// Listed so that a test sees their calls: grpc-js does not report calls of unknown methods.
const signals = new Map<string, Signal>([
	[tracesMethod, 'traces'],
	[metricsMethod, 'metrics'],
	[logsMethod, 'logs']
]);

const unimplemented = 12;
const invalidArgument = 3;

/** Starts the gRPC side. */
export async function startGrpc(options: GrpcOptions, recorder: Recorder): Promise<Transport> {
	const server = new Server();
	for (const method of signals.keys()) {
		server.addService(describeService(method), { Export: createHandler(method, recorder) });
	}
	const port = await new Promise<number>((resolve, reject) => {
		server.bindAsync(`127.0.0.1:${options.port}`, createCredentials(options), (error, bound) =>
			error ? reject(error) : resolve(bound)
		);
	});
	return {
		port,
		stop: async () => server.forceShutdown()
	};
}

function createCredentials({ certificates, requireClientCertificate }: GrpcOptions): ServerCredentials {
	if (!certificates) return ServerCredentials.createInsecure();
	const { key, cert } = certificates.server;
	return ServerCredentials.createSsl(
		Buffer.from(certificates.ca),
		[{ private_key: Buffer.from(key), cert_chain: Buffer.from(cert) }],
		requireClientCertificate
	);
}

// Messages pass as bytes: the same decoder reads them as for HTTP.
function describeService(path: string): ServiceDefinition {
	const pass = (bytes: Uint8Array): Buffer => Buffer.from(bytes);
	return {
		Export: {
			path,
			requestStream: false,
			responseStream: false,
			requestSerialize: pass,
			requestDeserialize: pass,
			responseSerialize: pass,
			responseDeserialize: pass
		}
	};
}

function createHandler(path: string, recorder: Recorder): UntypedHandleCall {
	const signal = signals.get(path);
	return async (
		call: ServerUnaryCall<Buffer, Uint8Array>,
		callback: sendUnaryData<Uint8Array>
	): Promise<void> => {
		const headers = Object.entries(call.metadata.getMap()).map(([name, value]) => [name, String(value)]);
		const request = toRequest(
			{
				protocol: signal ? 'grpc' : 'unknown',
				method: 'POST',
				path,
				headers: Object.fromEntries(headers),
				byteSize: call.request.length,
				remotePort: Number(call.getPeer().split(':').at(-1))
			},
			signal ?? 'traces',
			call.request
		);
		const reply = await recorder.receive(request);
		if (reply.fault === 'never-answer' || call.cancelled) return;

		const properStatus = request.error ? invalidArgument : signal ? 0 : unimplemented;
		const { grpcStatus: code = properStatus, grpcMessage: details = '' } = reply;
		if (code !== 0) {
			const metadata = new Metadata();
			for (const [name, value] of Object.entries(reply.headers ?? {})) metadata.set(name, value);
			callback({ code, details, metadata });
			return;
		}
		if (signal && isAccepted(reply)) recorder.accept(request);
		callback(null, reply.body ? Buffer.from(reply.body) : encodeResponse(reply.partialSuccess));
	};
}
