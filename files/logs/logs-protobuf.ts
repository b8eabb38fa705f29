import { protobufEncoding } from '../otlp/protobuf-batch.ts';
import { writeLogRecord } from './encode-logs.ts';

/** Log records in OTLP's binary form, over HTTP and over gRPC. */
export const encoding = protobufEncoding(writeLogRecord);
