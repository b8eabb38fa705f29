import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { writeAttributes, writeValue } from '../otlp/encode-values.ts';
import type { ProtobufWriter } from '../otlp/protobuf-writer.ts';

/**
 * Encodes a `LogRecord` of `ScopeLogs`
 * (https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto).
 * A test compares it with the SDK's serializer, as for spans.
 */
export function writeLogRecord(writer: ProtobufWriter, record: ReadableLogRecord): void {
	const { severityNumber, severityText, body, eventName, spanContext } = record;
	const start = writer.begin(2);
	writer.nanoseconds(1, record.hrTime);
	if (severityNumber) writer.uint(2, severityNumber);
	if (severityText) writer.string(3, severityText);
	if (body !== undefined) writeValue(writer, 5, body);
	writeAttributes(writer, 6, record.attributes);
	if (record.droppedAttributesCount) writer.uint(7, record.droppedAttributesCount);
	if (spanContext) {
		if (spanContext.traceFlags) writer.fixed32(8, spanContext.traceFlags);
		writer.hex(9, spanContext.traceId);
		writer.hex(10, spanContext.spanId);
	}
	writer.nanoseconds(11, record.hrTimeObserved);
	if (eventName) writer.string(12, eventName);
	writer.end(start);
}
