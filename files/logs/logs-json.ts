import { JsonLogsSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { jsonEncoding } from '../otlp/json-batch.ts';
import { sizeOfValue } from '../otlp/value-size.ts';

/** What a record takes without its body and its attributes. */
const RECORD_BYTES = 512;

/** Log records in OTLP's JSON form. What would be no text in one is none already: see `SafeLogger`. */
export const encoding = jsonEncoding<ReadableLogRecord>({
	serialize: (records) => JsonLogsSerializer.serializeRequest(records),
	check() {},
	sizeOf: ({ body, attributes }) => RECORD_BYTES + sizeOfValue(body) + sizeOfValue(attributes)
});
