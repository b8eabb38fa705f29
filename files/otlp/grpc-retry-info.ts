import { readFields } from './protobuf-reader.ts';

/** The type URL of the message with the retry delay, in the details of a status. */
const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

/**
 * The retry delay of a gRPC response, in milliseconds; undefined if it has none
 * (https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-throttling). The details of a status are `google.rpc.Status
 * { repeated Any details = 3 }`, with `Any { string type_url = 1; bytes value = 2 }`. Only this message in them is
 * used: `RetryInfo { Duration retry_delay = 1 }`, with `Duration { int64 seconds = 1; int32 nanos = 2 }`.
 *
 * @param status the bytes of `grpc-status-details-bin` in the response
 */
export function readRetryInfo(status: Uint8Array): number | undefined {
	try {
		for (const [field, any] of readFields(status)) {
			if (field !== 3 || !(any instanceof Uint8Array)) continue;
			const { 1: typeUrl, 2: value } = Object.fromEntries(readFields(any));
			if (!(typeUrl instanceof Uint8Array) || Buffer.from(typeUrl).toString() !== RETRY_INFO) continue;
			return readRetryDelay(value instanceof Uint8Array ? value : new Uint8Array());
		}
	} catch {
		// the status is not valid
	}
	return undefined;
}

function readRetryDelay(retryInfo: Uint8Array): number {
	const { 1: delay } = Object.fromEntries(readFields(retryInfo));
	const { 1: seconds = 0, 2: nanos = 0 } =
		delay instanceof Uint8Array ? Object.fromEntries(readFields(delay)) : {};
	return Number(seconds) * 1000 + Number(nanos) / 1e6;
}
