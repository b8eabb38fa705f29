import { emptyResource } from '@opentelemetry/resources';
import type { OtlpMetricsSettings } from '../../../files/config/metrics.ts';
import type { MetricsOptions } from '../../../files/metrics/start-metrics.ts';

/** What `startMetrics` needs in addition to its settings, of an app without telemetry code of its own. */
export const METRICS_OPTIONS: MetricsOptions = {
	app: {},
	resource: emptyResource(),
	userAgent: 'test',
	buildManifest: { distro: { name: 'adapter-node-otel', version: '1.0.0' } }
};

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
