import { decodeBody, flattenSpans } from './decode.ts';
import type { ResourceSpans } from './decode.ts';
import { type ReceivedLog, decodeLogs } from './logs.ts';
import { type ReceivedPoint, decodeMetrics } from './metrics.ts';
import type { Reply } from './reply.ts';
import type { Signal } from './schema.ts';
import type { ReceivedSpan } from './span.ts';

/** The encodings of the specification, by the names of `OTEL_EXPORTER_OTLP_PROTOCOL`. */
export type Protocol = 'http/protobuf' | 'http/json' | 'grpc';

/** One request that reached the receiver, whatever became of it. */
export interface ReceivedRequest {
	/** `unknown` for a path or content type that carries nothing that is read. */
	protocol: Protocol | 'unknown';
	method: string;
	/** Path and query; for gRPC the name of the method. */
	path: string;
	headers: Record<string, string>;
	/** The body's size as transferred, so after compression; for gRPC the size of the message. */
	byteSize: number;
	/** When the last byte had come, in the time of `Date.now()`. */
	receivedAt: number;
	/** The sender's port: the same for all requests of one connection. */
	remotePort: number;
	resourceSpans: ResourceSpans[];
	spans: ReceivedSpan[];
	logs: ReceivedLog[];
	points: ReceivedPoint[];
	/** Why the body could not be read. */
	error?: string;
	/** Whether the response tells the sender that its spans are delivered. */
	isAccepted: boolean;
}

/** The part of a request that a transport knows. */
export type RequestHead = Pick<
	ReceivedRequest,
	'protocol' | 'method' | 'path' | 'headers' | 'byteSize' | 'remotePort'
>;

/** Decodes the body, keeping what is wrong with it as a text. */
export function toRequest(head: RequestHead, signal: Signal, body: Uint8Array): ReceivedRequest {
	const request: ReceivedRequest = {
		...head,
		receivedAt: Date.now(),
		resourceSpans: [],
		spans: [],
		logs: [],
		points: [],
		isAccepted: false
	};
	if (head.protocol === 'unknown') return request;
	try {
		const encoding = head.protocol === 'http/json' ? 'json' : 'protobuf';
		if (signal === 'logs') {
			request.logs = decodeLogs(body, encoding);
		} else if (signal === 'metrics') {
			request.points = decodeMetrics(body, encoding);
		} else {
			request.resourceSpans = decodeBody(body, encoding);
			request.spans = flattenSpans(request.resourceSpans);
		}
	} catch (error) {
		request.error = error instanceof Error ? error.message : String(error);
	}
	return request;
}

/** The receiver's side of a transport. */
export interface Recorder {
	/** Notes the request; resolves, once it is time to answer, with how. */
	receive(request: ReceivedRequest): Promise<Reply>;
	/** Notes that the request is about to be answered so that its spans count as delivered. */
	accept(request: ReceivedRequest): void;
}

/** A listening server. */
export interface Transport {
	port: number;
	/** Stops listening and closes every connection, also those in the middle of something. */
	stop(): Promise<void>;
}
