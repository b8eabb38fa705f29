import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';

/** An item of any signal that is exported in batches: a span or a log record. */
export interface Item {
	readonly resource: Resource;
	readonly instrumentationScope: InstrumentationScope;
}

/** The body of a request, and its number of items. */
export interface EncodedBatch {
	body: Uint8Array;
	count: number;
}

/** Collects items for one request after the other. */
export interface Batch<T extends Item> {
	/** The number of items. */
	readonly count: number;
	/** The memory that the items hold, in bytes. */
	readonly bytes: number;
	/**
	 * Adds an item, or reports it if it cannot be encoded.
	 *
	 * @param item an item that no longer changes
	 * @param spareBytes the bytes that it may take
	 * @returns false if the item does not fit
	 */
	add(item: T, spareBytes: number): boolean;
	/** Returns the request, or undefined if there are no items, and begins the next one. */
	take(): EncodedBatch | undefined;
	/** Makes the memory of a delivered body available for the next request. */
	reuse(body: Uint8Array): void;
}

/** A partial success in the response of a collector, or a warning. */
export interface PartialSuccess {
	/** The number of rejected items; 0 if the collector only warns. */
	rejected: number;
	/** The error message of the collector. */
	message: string;
}

/**
 * Decodes the partial success in a response; undefined if there is none.
 *
 * @throws if the response is not a valid message
 */
export type DecodeResponse = (body: Uint8Array) => PartialSuccess | undefined;

/** An OTLP encoding of one signal. */
export interface Encoding<T extends Item> {
	/** @param onUnencodable called for each item that is dropped because the request would fail with it */
	createBatch(onUnencodable: (item: T, cause: unknown) => void): Batch<T>;
	decodeResponse: DecodeResponse;
}
