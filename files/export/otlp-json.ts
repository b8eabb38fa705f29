import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { TraceSerializer } from './otlp-exporter.ts';

/** OTLP's JSON form. */
export const serializer: TraceSerializer = JsonTraceSerializer;
