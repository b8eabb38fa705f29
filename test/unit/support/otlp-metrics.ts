import type { OtlpMetricsSettings } from '../../../files/config/metrics.ts';

/**
 * The settings of an export over HTTP that happens only when it is flushed.
 *
 * @param url of the receiver
 * @param more what differs
 */
export const otlpMetrics = (url: string, more: Partial<OtlpMetricsSettings> = {}): OtlpMetricsSettings => ({
	exporter: {
		signal: 'metrics',
		url: `${url}/v1/metrics`,
		protocol: 'http/protobuf',
		headers: {},
		timeoutMs: 5000,
		compression: 'none',
		tls: {}
	},
	intervalMs: 60_000,
	timeoutMs: 5000,
	temporality: 'cumulative',
	histogram: 'explicit_bucket_histogram',
	...more
});
