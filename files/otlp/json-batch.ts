import type { Batch, EncodedBatch, Encoding, Item, PartialSuccess } from './batch.ts';

/** How a signal is encoded as OTLP/JSON. */
export interface JsonForm<T extends Item> {
	/** Serializes a whole request; returns undefined or throws if one of the items cannot be encoded. */
	serialize(items: T[]): Uint8Array | undefined;
	/**
	 * Rejects an item that JSON could encode, but for which a collector would reject the whole request.
	 *
	 * @throws {TypeError} if a value that must be a string is not a string
	 */
	check(item: T): void;
	/** The estimated memory of an item, in bytes. */
	sizeOf(item: T): number;
}

/** OTLP/JSON encoding of a signal. */
export const jsonEncoding = <T extends Item>(form: JsonForm<T>): Encoding<T> => ({
	createBatch: (onUnencodable) => new JsonBatch(form, onUnencodable),
	decodeResponse
});

/** Keeps the items unencoded, because the upstream serializer encodes a whole request at once. */
class JsonBatch<T extends Item> implements Batch<T> {
	readonly #form: JsonForm<T>;
	readonly #onUnencodable: (item: T, cause: unknown) => void;
	#items: T[] = [];
	#bytes = 0;

	constructor(form: JsonForm<T>, onUnencodable: (item: T, cause: unknown) => void) {
		this.#form = form;
		this.#onUnencodable = onUnencodable;
	}

	get count(): number {
		return this.#items.length;
	}

	get bytes(): number {
		return this.#bytes;
	}

	add(item: T, spareBytes: number): boolean {
		const size = this.#form.sizeOf(item);
		if (size > spareBytes) return false;
		this.#items.push(item);
		this.#bytes += size;
		return true;
	}

	take(): EncodedBatch | undefined {
		const items = this.#items;
		this.#items = [];
		this.#bytes = 0;
		try {
			return this.#encode(items);
		} catch {
			return this.#encode(items.filter((item) => this.#isEncodable(item)));
		}
	}

	reuse(): void {}

	#isEncodable(item: T): boolean {
		try {
			this.#encode([item]);
			return true;
		} catch (error) {
			this.#onUnencodable(item, error);
			return false;
		}
	}

	#encode(items: T[]): EncodedBatch | undefined {
		if (items.length === 0) return undefined;
		for (const item of items) this.#form.check(item);
		const body = this.#form.serialize(items);
		if (!body) throw new Error('it could not be serialized');
		return { body, count: items.length };
	}
}

/** @throws {TypeError} if one of the values is not a string */
export function expectTexts(texts: readonly unknown[]): void {
	for (const text of texts) {
		if (typeof text !== 'string') throw new TypeError(`${String(text)} is not a string`);
	}
}

/** Decodes the response of the collector. The name of its field for rejected items depends on the signal. */
export function decodeResponse(body: Uint8Array): PartialSuccess | undefined {
	const { partialSuccess } = JSON.parse(Buffer.from(body).toString()) as {
		partialSuccess?: Record<string, string | number>;
	};
	if (!partialSuccess) return undefined;
	const { errorMessage, ...rejected } = partialSuccess;
	const [, count] = Object.entries(rejected).find(([key]) => key.startsWith('rejected')) ?? [];
	return { rejected: Number(count ?? 0), message: String(errorMessage ?? '') };
}
