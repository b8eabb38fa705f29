import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Compression } from '../config/variables-otlp.ts';

/** The result of one attempt to send a request. */
export type Attempt =
	| {
			outcome: 'success';
			body: Uint8Array;
			/** The response arrived before the request was sent completely; sending continues. */
			isEarly?: boolean;
	  }
	| { outcome: 'retryable'; error: Error; retryAfterMs?: number }
	| { outcome: 'failure'; error: Error };

/** Limit for a response. A collector sends a few bytes; a wrong server must not exhaust the memory. */
const MAX_RESPONSE_BYTES = 64 * 1024;

/**
 * HTTP status codes that the OTLP specification calls retryable
 * (https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes). A proxy in front of a gRPC server sends
 * them as well.
 */
const RETRYABLE_STATUS = new Set([429, 502, 503, 504]);

const compressAsync = promisify(gzip);

/**
 * Compresses a request, if the settings say so.
 *
 * @param body the serialized request
 * @param compression `OTEL_EXPORTER_OTLP_COMPRESSION`
 */
export async function compress(body: Uint8Array, compression: Compression): Promise<Uint8Array> {
	return compression === 'gzip' ? compressAsync(body) : body;
}

/** Whether the specification lets a client retry after this HTTP status code. */
export function isRetryableStatus(status: number): boolean {
	return RETRYABLE_STATUS.has(status);
}

/** The failure of an attempt that exceeded its time limit, in milliseconds. */
export function timeoutError(timeoutMs: number): Error {
	return new Error(`no answer within ${Math.round(timeoutMs)} ms`);
}

/**
 * Calls a function when the time of an attempt is over. It does not keep the process alive. If the process was
 * stopped in the meantime (`SIGSTOP`, a paused container), the response may have arrived before, so it is read first.
 *
 * @param timeoutMs the time limit of the attempt
 * @param over called if the attempt has no result by then
 * @returns cancels the call
 */
export function limitTime(timeoutMs: number, over: () => void): () => void {
	let afterReading: NodeJS.Immediate | undefined;
	const timer = setTimeout(() => (afterReading = setImmediate(over)), timeoutMs).unref();
	return () => {
		clearTimeout(timer);
		clearImmediate(afterReading);
	};
}

/** The failure of an attempt that a shutdown has cut off. */
export class ShutdownError extends Error {
	override message = 'the process ends';
}

/** The body of a response, of limited size. */
export class ResponseBody {
	readonly #chunks: Buffer[] = [];
	#size = 0;

	/**
	 * @param stream what the body is read from
	 * @param destroy ends the response if it is too long
	 */
	constructor(stream: NodeJS.ReadableStream, destroy: (error: Error) => void) {
		stream.on('data', (chunk: Buffer) => {
			this.#size += chunk.length;
			if (this.#size <= MAX_RESPONSE_BYTES) this.#chunks.push(chunk);
			else destroy(new Error(`its answer is longer than ${MAX_RESPONSE_BYTES} bytes`));
		});
	}

	/** What has been read so far. */
	read(): Buffer {
		return Buffer.concat(this.#chunks);
	}
}
