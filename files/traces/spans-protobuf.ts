import { protobufEncoding } from '../otlp/protobuf-batch.ts';
import { writeSpan } from './encode-spans.ts';

/** OTLP/protobuf encoding of spans, for HTTP and gRPC. */
export const encoding = protobufEncoding(writeSpan);
