import type { PartialSuccess } from './batch.ts';

/** Wire types of protobuf. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/**
 * Decodes the protobuf response of a collector: `ExportTraceServiceResponse` and its counterparts, whose fields
 * have the same numbers in every signal.
 *
 * @throws {RangeError} if the response is not a valid message
 */
export function decodeResponse(message: Uint8Array): PartialSuccess | undefined {
	let partialSuccess: PartialSuccess | undefined;
	for (const [field, value] of fieldsOf(message)) {
		if (field !== 1 || !(value instanceof Uint8Array)) continue;
		partialSuccess = { rejected: 0, message: '' };
		for (const [inner, content] of fieldsOf(value)) {
			if (inner === 1 && typeof content === 'number') partialSuccess.rejected = content;
			if (inner === 2 && content instanceof Uint8Array) {
				partialSuccess.message = Buffer.from(content).toString();
			}
		}
	}
	return partialSuccess;
}

/** The fields of a message with their numbers. Fields of unused wire types have no value. */
function* fieldsOf(message: Uint8Array): Generator<[field: number, value: number | Uint8Array | undefined]> {
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
