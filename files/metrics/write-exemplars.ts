import type { Exemplar } from './exemplars.ts';

/** The part of the writer of `@opentelemetry/otlp-transformer` that is used. */
interface UpstreamWriter {
	readonly pos: number;
	writeTag(field: number, wireType: number): void;
	startLengthDelimited(): number;
	finishLengthDelimited(start: number, length: number): void;
	writeFixed64(low: number, high: number): void;
	writeDouble(value: number): void;
	writeBytes(bytes: Uint8Array): void;
}

/** Wire types of protobuf (https://protobuf.dev/programming-guides/encoding/). */
const FIXED64 = 1;
const LENGTH = 2;

/*
 * The exemplars of a data point, which upstream's serializers leave out: `rollup.config.js` adds calls of these
 * functions to them. The message is `Exemplar`
 * (https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto).
 */

/**
 * Writes exemplars as protobuf.
 *
 * @param writer upstream's writer
 * @param exemplars the exemplars of a data point
 * @param field the number of the field in the data point
 */
export function writeExemplars(
	writer: UpstreamWriter,
	exemplars: readonly Exemplar[] | undefined,
	field: number
): void {
	for (const { value, timeMs, spanContext } of exemplars ?? []) {
		writer.writeTag(field, LENGTH);
		const start = writer.startLengthDelimited();
		const before = writer.pos;
		const nanoseconds = toNanoseconds(timeMs);
		writer.writeTag(2, FIXED64);
		writer.writeFixed64(Number(nanoseconds & 0xffff_ffffn), Number(nanoseconds >> 32n));
		writer.writeTag(3, FIXED64);
		writer.writeDouble(value);
		writer.writeTag(4, LENGTH);
		writer.writeBytes(Buffer.from(spanContext.spanId, 'hex'));
		writer.writeTag(5, LENGTH);
		writer.writeBytes(Buffer.from(spanContext.traceId, 'hex'));
		writer.finishLengthDelimited(start, writer.pos - before);
	}
}

/**
 * Returns exemplars as OTLP JSON.
 *
 * @param exemplars the exemplars of a data point
 */
export const toExemplars = (exemplars: readonly Exemplar[] | undefined): object[] | undefined =>
	exemplars?.map(({ value, timeMs, spanContext: { traceId, spanId } }) => ({
		timeUnixNano: String(toNanoseconds(timeMs)),
		asDouble: value,
		spanId,
		traceId
	}));

const toNanoseconds = (ms: number): bigint => BigInt(ms) * 1_000_000n;
