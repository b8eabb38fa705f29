import { JsonLogsSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { jsonEncoding } from '../otlp/json-batch.ts';
import { sizeOfValue } from '../otlp/value-size.ts';

/** The size of a record without its body and its attributes. */
const RECORD_BYTES = 512;

/** Encodes log records as OTLP JSON. `SafeLogger` has already removed values that are not valid text. */
export const encoding = jsonEncoding<ReadableLogRecord>({
	serialize: (records) => JsonLogsSerializer.serializeRequest(records),
	check() {},
	sizeOf: ({ body, attributes }) => RECORD_BYTES + sizeOfValue(body) + sizeOfValue(attributes)
});
