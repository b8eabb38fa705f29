import type { PartialSuccess } from './batch.ts';
import { readFields } from './protobuf-reader.ts';

/**
 * Decodes the protobuf response of a collector: `ExportTraceServiceResponse` and its counterparts, whose fields
 * have the same numbers in every signal.
 *
 * @throws {RangeError} if the response is not a valid message
 */
export function decodeResponse(message: Uint8Array): PartialSuccess | undefined {
	let partialSuccess: PartialSuccess | undefined;
	for (const [field, value] of readFields(message)) {
		if (field !== 1 || !(value instanceof Uint8Array)) continue;
		partialSuccess = { rejected: 0, message: '' };
		for (const [inner, content] of readFields(value)) {
			if (inner === 1 && typeof content === 'number') partialSuccess.rejected = content;
			if (inner === 2 && content instanceof Uint8Array) {
				partialSuccess.message = Buffer.from(content).toString();
			}
		}
	}
	return partialSuccess;
}
