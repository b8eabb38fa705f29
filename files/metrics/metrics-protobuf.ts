import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
export { decodeResponse } from '../otlp/decode-response.ts';

/** Metrics in OTLP's binary form. */
export const serialize = (metrics: ResourceMetrics): Uint8Array | undefined =>
	ProtobufMetricsSerializer.serializeRequest(metrics);
