import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { TraceSerializer } from './otlp-exporter.ts';

/** OTLP's binary form, over HTTP and over gRPC. */
export const serializer: TraceSerializer = ProtobufTraceSerializer;
