import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
export { decodeResponse } from '../otlp/decode-response.ts';

/** Encodes metrics as OTLP protobuf. */
export const serialize = (metrics: ResourceMetrics): Uint8Array | undefined =>
	ProtobufMetricsSerializer.serializeRequest(metrics);
