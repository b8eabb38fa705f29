/** The type URL of the message with the retry delay, in the details of a status. */
const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

/**
 * The retry delay of a gRPC response, in milliseconds; undefined if it has none
 * (https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-throttling). The details of a status are `google.rpc.Status
 * { repeated Any details = 3 }`. Only this message in them is used: `RetryInfo { Duration retry_delay = 1 }`.
 *
 * @param status the bytes of `grpc-status-details-bin` in the response
 */
export function readRetryInfo(status: Buffer): number | undefined {
	const at = status.indexOf(RETRY_INFO);
	if (at < 0) return undefined;

	const info = readFields(status.subarray(at + RETRY_INFO.length)).get(2);
	const delay = info instanceof Buffer ? readFields(info).get(1) : undefined;
	const duration = delay instanceof Buffer ? readFields(delay) : new Map();
	return Number(duration.get(1) ?? 0) * 1000 + Number(duration.get(2) ?? 0) / 1e6;
}

/** The fields of a protobuf message by number; only varints and bytes. */
function readFields(message: Buffer): Map<number, number | Buffer> {
	const fields = new Map<number, number | Buffer>();
	let at = 0;
	const readNumber = (): number => {
		let value = 0;
		for (let factor = 1; at < message.length; factor *= 128) {
			const byte = message[at++]!;
			value += (byte & 0x7f) * factor;
			if (byte < 128) break;
		}
		return value;
	};

	while (at < message.length) {
		const tag = readNumber();
		const type = tag & 7;
		if (type !== 0 && type !== 2) break;
		const value = readNumber();
		fields.set(tag >>> 3, type === 0 ? value : message.subarray(at, at + value));
		if (type === 2) at += value;
	}
	return fields;
}
