import { protobufEncoding } from '../otlp/protobuf-batch.ts';
import { writeSpan } from './encode-spans.ts';

/** Spans in OTLP's binary form, over HTTP and over gRPC. */
export const encoding = protobufEncoding(writeSpan);
