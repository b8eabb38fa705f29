/** Wire types of protobuf (https://protobuf.dev/programming-guides/encoding/#structure). */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/**
 * Reads the fields of a protobuf message. Fields of the fixed wire types have no value: no message that is read
 * here has one.
 *
 * @param message a serialized message
 * @throws {RangeError} while iterating, where the message is not valid
 */
export function* readFields(
	message: Uint8Array
): Generator<[field: number, value: number | Uint8Array | undefined]> {
	let at = 0;
	const skip = (size: number): Uint8Array => {
		const start = at;
		at += size;
		if (at > message.length) throw new RangeError('the message is cut off');
		return message.subarray(start, at);
	};
	const readVarint = (): number => {
		let value = 0;
		for (let factor = 1; ; factor *= 128) {
			const byte = skip(1)[0]!;
			value += (byte & 127) * factor;
			if (byte < 128) return value;
		}
	};

	while (at < message.length) {
		const tag = readVarint();
		const type = tag & 7;
		let value: number | Uint8Array | undefined;
		if (type === VARINT) value = readVarint();
		else if (type === LENGTH) value = skip(readVarint());
		else if (type === FIXED64) skip(8);
		else if (type === FIXED32) skip(4);
		else throw new RangeError(`there is no wire type ${type}`);
		yield [tag >>> 3, value];
	}
}
