import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { TraceSerializer } from './otlp-http-exporter.ts';

/** OTLP's JSON form. */
export const serializer: TraceSerializer = JsonTraceSerializer;

/** Its media type (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). */
export const contentType = 'application/json';
