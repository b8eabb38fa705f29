import type { IExportTraceServiceResponse } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** The body of a request, and how many spans it has. */
export interface EncodedBatch {
	body: Uint8Array;
	count: number;
}

/** Gathers ended spans for one request, and then for the next. */
export interface SpanBatch {
	/** How many there are. */
	readonly count: number;
	/** What they hold of memory. */
	readonly bytes: number;
	/**
	 * Takes a span in, or tells of one that cannot be encoded.
	 *
	 * @param span one that has ended
	 * @param room bytes that it may hold
	 * @returns whether it has found room
	 */
	add(span: ReadableSpan, room: number): boolean;
	/** Gives the request out, if there is anything to send, and begins the next. */
	take(): EncodedBatch | undefined;
	/** Lets a body that was delivered be written again. */
	reuse(body: Uint8Array): void;
}

/** A form of OTLP. */
export interface Encoding {
	/** @param onUnencodable told of each span that is left out, for it would take the others with it */
	createBatch(onUnencodable: (span: ReadableSpan, cause: unknown) => void): SpanBatch;
	/**
	 * What the collector says to an export.
	 *
	 * @throws when it is no such message
	 */
	decodeResponse(body: Uint8Array): IExportTraceServiceResponse;
}
