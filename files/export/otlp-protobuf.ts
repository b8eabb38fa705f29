import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { TraceSerializer } from './otlp-http-exporter.ts';

/** OTLP's binary form. */
export const serializer: TraceSerializer = ProtobufTraceSerializer;

/** Its media type (https://opentelemetry.io/docs/specs/otlp/#binary-protobuf-encoding). */
export const contentType = 'application/x-protobuf';
