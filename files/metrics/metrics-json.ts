import { JsonMetricsSerializer } from '@opentelemetry/otlp-transformer';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
export { decodeResponse } from '../otlp/json-batch.ts';

/** Encodes metrics as OTLP JSON. */
export const serialize = (metrics: ResourceMetrics): Uint8Array | undefined =>
	JsonMetricsSerializer.serializeRequest(metrics);
