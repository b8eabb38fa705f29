import type { IncomingHttpHeaders } from 'node:http2';
import { type Attempt, isRetryableStatus } from './attempt.ts';
import { readRetryInfo } from './grpc-retry-info.ts';

/** A gRPC response without its message. */
export interface GrpcAnswer {
	headers: IncomingHttpHeaders;
	trailers: IncomingHttpHeaders;
}

/** Names of the gRPC status codes, by number (https://grpc.io/docs/guides/status-codes/). */
const NAMES = [
	'OK',
	'CANCELLED',
	'UNKNOWN',
	'INVALID_ARGUMENT',
	'DEADLINE_EXCEEDED',
	'NOT_FOUND',
	'ALREADY_EXISTS',
	'PERMISSION_DENIED',
	'RESOURCE_EXHAUSTED',
	'FAILED_PRECONDITION',
	'ABORTED',
	'OUT_OF_RANGE',
	'UNIMPLEMENTED',
	'INTERNAL',
	'UNAVAILABLE',
	'DATA_LOSS',
	'UNAUTHENTICATED'
];

/** Codes that the OTLP specification calls retryable (https://opentelemetry.io/docs/specs/otlp/#failures). */
const RETRYABLE = new Set([
	'CANCELLED',
	'DEADLINE_EXCEEDED',
	'ABORTED',
	'OUT_OF_RANGE',
	'UNAVAILABLE',
	'DATA_LOSS'
]);

/**
 * Converts a gRPC response into the result of the attempt.
 *
 * @param answer the headers and the trailers
 * @param body the message
 */
export function judgeGrpc({ headers, trailers }: GrpcAnswer, body: Uint8Array): Attempt {
	// a response without a message has its status in the headers
	const answer = trailers['grpc-status'] === undefined ? headers : trailers;
	const status = answer['grpc-status'];

	if (status === undefined) {
		// a proxy has answered in place of the server
		const http = Number(headers[':status'] ?? 0);
		const error = new Error(`it answers ${http}, which is not gRPC`);
		return { outcome: isRetryableStatus(http) ? 'retryable' : 'failure', error };
	}
	if (status === '0') return { outcome: 'success', body };

	const name = NAMES[Number(status)] ?? `status ${String(status)}`;
	const message = decode(String(answer['grpc-message'] ?? ''));
	const error = new Error(`it answers ${name}${message && `: ${message}`}`);
	const details = Buffer.from(String(answer['grpc-status-details-bin'] ?? ''), 'base64');
	const retryAfterMs = readRetryInfo(details);

	// RESOURCE_EXHAUSTED is retryable only if the server says when to retry
	if (!RETRYABLE.has(name) && !(name === 'RESOURCE_EXHAUSTED' && retryAfterMs !== undefined))
		return { outcome: 'failure', error };
	return { outcome: 'retryable', error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Decodes a percent-encoded message. */
function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
