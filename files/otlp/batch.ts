import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';

/** What is exported of any signal: a span, a log record. */
export interface Item {
	readonly resource: Resource;
	readonly instrumentationScope: InstrumentationScope;
}

/** The body of a request, and how many items it has. */
export interface EncodedBatch {
	body: Uint8Array;
	count: number;
}

/** Gathers items for one request, and then for the next. */
export interface Batch<T extends Item> {
	/** How many there are. */
	readonly count: number;
	/** What they hold of memory. */
	readonly bytes: number;
	/**
	 * Takes an item in, or tells of one that cannot be encoded.
	 *
	 * @param item one that does not change any more
	 * @param room bytes that it may hold
	 * @returns whether it has found room
	 */
	add(item: T, room: number): boolean;
	/** Gives the request out, if there is anything to send, and begins the next. */
	take(): EncodedBatch | undefined;
	/** Lets a body that was delivered be written again. */
	reuse(body: Uint8Array): void;
}

/** What a collector says that has not taken all of a request, or that warns. */
export interface PartialSuccess {
	/** Items that it has refused; 0 for a mere warning. */
	rejected: number;
	/** Why, in its words. */
	message: string;
}

/**
 * What the collector says to an export, if it says anything.
 *
 * @throws when it is no such message
 */
export type DecodeResponse = (body: Uint8Array) => PartialSuccess | undefined;

/** A form of OTLP, for one signal. */
export interface Encoding<T extends Item> {
	/** @param onUnencodable told of each item that is left out, for it would take the others with it */
	createBatch(onUnencodable: (item: T, cause: unknown) => void): Batch<T>;
	decodeResponse: DecodeResponse;
}
