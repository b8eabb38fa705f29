import { JsonMetricsSerializer } from '@opentelemetry/otlp-transformer';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
export { decodeResponse } from '../otlp/json-batch.ts';

/** Metrics in OTLP's JSON form. */
export const serialize = (metrics: ResourceMetrics): Uint8Array | undefined =>
	JsonMetricsSerializer.serializeRequest(metrics);
