import { protobufEncoding } from '../otlp/protobuf-batch.ts';
import { writeLogRecord } from './encode-logs.ts';

/** Encodes log records as OTLP protobuf, for HTTP and gRPC. */
export const encoding = protobufEncoding(writeLogRecord);
