/** Wire types of protobuf (https://protobuf.dev/programming-guides/encoding/). */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** Maximum bytes that one call writes, without strings and byte arrays. */
const MARGIN = 32;

/** Up to this length, a loop copies a string or bytes faster than a call of Node's API. */
const SHORT = 64;

/** Initial size of the buffer: a small batch. */
const FIRST_BYTES = 64 * 1024;

/** A buffer that has grown beyond this size is not reused. */
export const KEPT_BYTES = 1024 * 1024;

const TWO_TO_32 = 2 ** 32;

/** Limits of the cache: number and length of its strings, because an app can use any number of different names. */
const KEPT_TEXTS = 1000;
const KEPT_LENGTH = 100;

/** The cache of UTF-8 encoded names, shared by all writers. */
const keptTexts = new Map<string, Uint8Array>();

interface LastId {
	digits: string;
	bytes: Uint8Array;
}

/**
 * Writes protobuf fields sequentially, in one pass, into a reused buffer. The length of a nested message is
 * written when the message is complete.
 */
export class ProtobufWriter {
	#buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
	#view = new DataView(this.#buffer.buffer);
	#at = 0;
	/** The last seconds, and the parts of the same in nanoseconds: see `#keepSeconds`. */
	#seconds = -1;
	#lower = 0;
	#upper = 0;
	/** The id that each field had last, and its bytes. */
	readonly #lastIds: LastId[] = [];

	/** The number of bytes written. */
	get size(): number {
		return this.#at;
	}

	/** Returns written bytes. They are valid until the next write. */
	read(start: number, end: number): Uint8Array {
		return this.#buffer.subarray(start, end);
	}

	/** Discards all bytes after this position. */
	rewind(size: number): void {
		this.#at = size;
		if (size === 0 && this.#buffer.length > KEPT_BYTES) this.#use(Buffer.allocUnsafeSlow(FIRST_BYTES));
	}

	/** An integer from 0 to 2 ** 53. */
	uint(field: number, value: number): void {
		this.#reserve(MARGIN);
		this.#tag(field, VARINT);
		this.#varint(value);
	}

	/** A 64-bit integer (`int64`). */
	int64(field: number, value: number): void {
		if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return this.uint(field, value);
		this.#reserve(MARGIN);
		this.#tag(field, VARINT);
		let rest = BigInt.asUintN(64, BigInt(value));
		for (; rest > 127n; rest >>= 7n) this.#buffer[this.#at++] = Number(rest & 127n) | 128;
		this.#buffer[this.#at++] = Number(rest);
	}

	/**
	 * Nanoseconds since 1970, from the SDK's pair of seconds and nanoseconds.
	 *
	 * @throws {RangeError} if the value is not a valid time
	 */
	nanoseconds(field: number, [seconds, nanoseconds]: readonly [number, number]): void {
		if (!(seconds >= 0 && nanoseconds >= 0)) throw new RangeError('a time is not a number');
		this.#reserve(MARGIN);
		this.#tag(field, FIXED64);
		if (seconds !== this.#seconds) this.#keepSeconds(seconds);
		const lower = this.#lower + nanoseconds;
		this.#view.setUint32(this.#at, lower, true);
		this.#view.setUint32(this.#at + 4, this.#upper + Math.floor(lower / TWO_TO_32), true);
		this.#at += 8;
	}

	/** Converts seconds to nanoseconds, for all times of a second. */
	#keepSeconds(seconds: number): void {
		// a number has only 53 bits of precision, so the seconds are multiplied in two parts
		const upper = Math.floor(seconds / 65536) * 1e9;
		this.#seconds = seconds;
		this.#lower = (upper % 65536) * 65536 + (seconds % 65536) * 1e9;
		this.#upper = Math.floor(upper / 65536);
	}

	double(field: number, value: number): void {
		this.#reserve(MARGIN);
		this.#tag(field, FIXED64);
		this.#view.setFloat64(this.#at, value, true);
		this.#at += 8;
	}

	fixed32(field: number, value: number): void {
		this.#reserve(MARGIN);
		this.#tag(field, FIXED32);
		this.#view.setUint32(this.#at, value, true);
		this.#at += 4;
	}

	string(field: number, text: string): void {
		// a UTF-16 code unit takes at most three bytes in UTF-8
		this.#reserve(MARGIN + 3 * text.length);
		this.#tag(field, LENGTH);
		if (text.length <= SHORT && this.#ascii(text)) return;

		const start = this.#open();
		this.#at += this.#buffer.write(text, this.#at);
		this.#close(start);
	}

	/** Writes a string that is likely to repeat, such as an attribute key or a span name: it is encoded only once. */
	name(field: number, text: string): void {
		const kept = keptTexts.get(text);
		if (kept) return this.bytes(field, kept);
		this.string(field, text);
		if (keptTexts.size < KEPT_TEXTS && text.length <= KEPT_LENGTH) keptTexts.set(text, Buffer.from(text));
	}

	bytes(field: number, bytes: Uint8Array): void {
		const { length } = bytes;
		this.#reserve(MARGIN + length);
		this.#tag(field, LENGTH);
		this.#varint(length);
		const buffer = this.#buffer;
		let at = this.#at;
		if (length > SHORT) buffer.set(bytes, at);
		else for (let index = 0; index < length; index++) buffer[at++] = bytes[index]!;
		this.#at += length;
	}

	/** Bytes given as hexadecimal digits, such as a trace id. */
	hex(field: number, digits: string): void {
		this.#reserve(MARGIN + digits.length);
		this.#tag(field, LENGTH);
		const length = digits.length >> 1;
		this.#varint(length);
		const buffer = this.#buffer;
		let at = this.#at;
		for (let index = 0; index < 2 * length; index += 2) {
			buffer[at++] = (valueOf(digits.charCodeAt(index)) << 4) | valueOf(digits.charCodeAt(index + 1));
		}
		this.#at = at;
	}

	/** The same for an id that is likely to repeat, such as the trace id: it is decoded only once. */
	repeatedHex(field: number, digits: string): void {
		const last = this.#lastIds[field];
		if (last?.digits === digits) return this.bytes(field, last.bytes);
		this.hex(field, digits);
		const length = digits.length >> 1;
		const bytes = last?.bytes.length === length ? last.bytes : new Uint8Array(length);
		for (let index = 0, at = this.#at - length; index < length;) bytes[index++] = this.#buffer[at++]!;
		if (last?.bytes === bytes) last.digits = digits;
		else this.#lastIds[field] = { digits, bytes };
	}

	/** Whole fields that are already encoded. */
	encoded(fields: Uint8Array): void {
		this.#reserve(fields.length);
		this.#buffer.set(fields, this.#at);
		this.#at += fields.length;
	}

	/** The tag and the length of a message whose content is written separately. */
	head(field: number, length: number): void {
		this.#reserve(MARGIN);
		this.#tag(field, LENGTH);
		this.#varint(length);
	}

	/**
	 * Begins a nested message.
	 *
	 * @returns the position for {@link end}
	 */
	begin(field: number): number {
		this.#reserve(MARGIN);
		this.#tag(field, LENGTH);
		return this.#open();
	}

	/** Ends a nested message and writes its length. */
	end(start: number): void {
		this.#reserve(MARGIN);
		this.#close(start);
	}

	/** Reserves one byte for a length, which is enough for most messages. */
	#open(): number {
		return ++this.#at;
	}

	#close(start: number): void {
		const end = this.#at;
		const length = end - start;
		if (length > 127) {
			const shift = length < 2 ** 14 ? 1 : length < 2 ** 21 ? 2 : length < 2 ** 28 ? 3 : 4;
			this.#buffer.copyWithin(start + shift, start, end);
			this.#at = start - 1;
			this.#varint(length);
			this.#at = end + shift;
		} else {
			this.#buffer[start - 1] = length;
		}
	}

	/** Writes a short string with its length, if it is ASCII only. */
	#ascii(text: string): boolean {
		const buffer = this.#buffer;
		const { length } = text;
		let at = this.#at;
		buffer[at++] = length;
		for (let index = 0; index < length; index++) {
			const code = text.charCodeAt(index);
			if (code > 127) return false;
			buffer[at++] = code;
		}
		this.#at = at;
		return true;
	}

	#tag(field: number, type: number): void {
		this.#varint((field << 3) | type);
	}

	#varint(value: number): void {
		const buffer = this.#buffer;
		let at = this.#at;
		let rest = value;
		// bitwise operations are limited to 32 bits
		for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) buffer[at++] = (rest % 128) | 128;
		for (; rest > 127; rest >>>= 7) buffer[at++] = (rest & 127) | 128;
		buffer[at++] = rest;
		this.#at = at;
	}

	#reserve(size: number): void {
		if (this.#at + size <= this.#buffer.length) return;
		const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, this.#at + size));
		this.#buffer.copy(grown, 0, 0, this.#at);
		this.#use(grown);
	}

	#use(buffer: Buffer<ArrayBuffer>): void {
		this.#buffer = buffer;
		this.#view = new DataView(buffer.buffer);
	}
}

/** The value of a hexadecimal digit, from its character code. */
const valueOf = (code: number): number => (code & 15) + 9 * (code >> 6);
