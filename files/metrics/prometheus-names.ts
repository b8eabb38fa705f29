import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';

/**
 * The unit suffixes of metric names
 * (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1).
 * Upstream's serializer leaves them out, but every dashboard expects them.
 */
const WORDS = new Map([
	['s', 'seconds'],
	['ms', 'milliseconds'],
	['By', 'bytes'],
	['1', 'ratio']
]);

/** Renames metrics so that the name ends in the unit, as a collector does for Prometheus. */
export const withUnits = (metrics: ResourceMetrics): ResourceMetrics => ({
	...metrics,
	scopeMetrics: metrics.scopeMetrics.map((scope) => ({ ...scope, metrics: scope.metrics.map(nameOne) }))
});

function nameOne(metric: MetricData): MetricData {
	const { descriptor } = metric;
	const word = WORDS.get(descriptor.unit);
	const name = descriptor.name.replaceAll('.', '_');
	// a ratio is a gauge; counts have no unit
	if (!word || name.endsWith(`_${word}`) || (word === 'ratio' && !isGauge(metric))) return metric;
	return { ...metric, descriptor: { ...descriptor, name: `${name}_${word}` } };
}

const isGauge = ({ dataPointType }: MetricData): boolean => dataPointType === 2;
