import type { Batch, EncodedBatch, Encoding, Item } from './batch.ts';
import { decodeResponse } from './decode-response.ts';
import { writeResource, writeScope } from './encode-values.ts';
import { KEPT_BYTES, ProtobufWriter } from './protobuf-writer.ts';

/** Maximum number of spare bodies that are kept for reuse: there are seldom more exports in progress. */
const SPARE_BODIES = 4;

/** The size of the tag and the length before a message. */
const HEAD_BYTES = 6;

/**
 * Writes one item as a field of its scope's message; it is field 2 in every signal. If it throws, the item is
 * dropped, and the error is the reason.
 */
export type WriteItem<T extends Item> = (writer: ProtobufWriter, item: T) => void;

/** OTLP/protobuf encoding of a signal, for HTTP and gRPC. */
export const protobufEncoding = <T extends Item>(write: WriteItem<T>): Encoding<T> => ({
	createBatch: (onUnencodable) => new ProtobufBatch(write, onUnencodable),
	decodeResponse
});

/** Consecutive items of one scope. */
interface Run extends Item {
	start: number;
	end: number;
}

/**
 * Encodes each item when it is added. The item can then be garbage-collected early; a batch of unencoded items
 * would survive one or two collections, which copy each item. Bodies are reused for the same reason.
 */
class ProtobufBatch<T extends Item> implements Batch<T> {
	readonly #write: WriteItem<T>;
	readonly #onUnencodable: (item: T, cause: unknown) => void;
	readonly #items = new ProtobufWriter();
	readonly #frame = new ProtobufWriter();
	readonly #spare: Buffer[] = [];
	#runs: Run[] = [];
	/** The resources of the batch with their scopes, to calculate the size of the messages around the items. */
	readonly #framed = new Map<object, Set<object>>();
	#frameBytes = 0;
	#count = 0;

	constructor(write: WriteItem<T>, onUnencodable: (item: T, cause: unknown) => void) {
		this.#write = write;
		this.#onUnencodable = onUnencodable;
	}

	get count(): number {
		return this.#count;
	}

	get bytes(): number {
		return this.#items.size + this.#frameBytes;
	}

	add(item: T, spareBytes: number): boolean {
		const start = this.#items.size;
		try {
			this.#write(this.#items, item);
		} catch (error) {
			this.#items.rewind(start);
			this.#onUnencodable(item, error);
			return true;
		}
		const end = this.#items.size;
		const { resource, instrumentationScope } = item;
		const run = this.#runs.at(-1);
		const isOfRun = run?.resource === resource && run.instrumentationScope === instrumentationScope;
		const frameBytes = isOfRun ? 0 : this.#frameOf(item);
		if (end - start + frameBytes > spareBytes) {
			this.#items.rewind(start);
			return false;
		}
		if (frameBytes > 0) {
			const scopes = this.#framed.get(resource);
			if (scopes) scopes.add(instrumentationScope);
			else this.#framed.set(resource, new Set([instrumentationScope]));
			this.#frameBytes += frameBytes;
		}
		if (isOfRun) run.end = end;
		else this.#runs.push({ resource, instrumentationScope, start, end });
		this.#count++;
		return true;
	}

	take(): EncodedBatch | undefined {
		if (this.#count === 0) return undefined;
		const batch = { body: this.#join(this.#request()), count: this.#count };
		this.#items.rewind(0);
		this.#runs = [];
		this.#framed.clear();
		this.#frameBytes = 0;
		this.#count = 0;
		return batch;
	}

	/** Maximum bytes that the resource and the scope of an item add to the request. */
	#frameOf({ resource, instrumentationScope }: Item): number {
		const scopes = this.#framed.get(resource);
		if (scopes?.has(instrumentationScope)) return 0;
		const scope = this.#written((frame) => writeScope(frame, instrumentationScope));
		const around = scopes ? 0 : HEAD_BYTES + this.#written((frame) => writeResource(frame, resource)).length;
		return around + HEAD_BYTES + scope.length;
	}

	reuse(body: Uint8Array): void {
		if (this.#spare.length >= SPARE_BODIES || body.buffer.byteLength > KEPT_BYTES) return;
		this.#spare.push(Buffer.from(body.buffer));
	}

	/** Groups the items by resource and scope: these outer messages are the same for every signal. */
	#request(): Uint8Array[] {
		const request: Uint8Array[] = [];
		for (const [resource, runsOfResource] of Map.groupBy(this.#runs, (run) => run.resource)) {
			const ofResource = [this.#written((frame) => writeResource(frame, resource))];
			for (const [scope, runs] of Map.groupBy(runsOfResource, (run) => run.instrumentationScope)) {
				const ofScope = [
					this.#written((frame) => writeScope(frame, scope)),
					...runs.map(({ start, end }) => this.#items.read(start, end))
				];
				ofResource.push(...this.#message(2, ofScope));
			}
			request.push(...this.#message(1, ofResource));
		}
		return request;
	}

	/** A message with content that is already encoded. */
	#message(field: number, content: readonly Uint8Array[]): Uint8Array[] {
		const length = lengthOf(content);
		return [this.#written((frame) => frame.head(field, length)), ...content];
	}

	#written(write: (frame: ProtobufWriter) => void): Uint8Array {
		this.#frame.rewind(0);
		write(this.#frame);
		return Uint8Array.from(this.#frame.read(0, this.#frame.size));
	}

	#join(parts: readonly Uint8Array[]): Uint8Array {
		const length = lengthOf(parts);
		const spare = this.#spare.pop();
		const body = spare && spare.length >= length ? spare : Buffer.allocUnsafeSlow(capacityFor(length));
		let at = 0;
		for (const part of parts) {
			body.set(part, at);
			at += part.length;
		}
		return body.subarray(0, length);
	}
}

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

/** A larger capacity than needed now, because the next batch has a different length. */
const capacityFor = (length: number): number =>
	length < KEPT_BYTES ? Math.min(Math.ceil(length * 1.25), KEPT_BYTES) : length;
