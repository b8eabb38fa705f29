import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';

/**
 * The words for units in names
 * (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1):
 * upstream's serializer leaves them out, and every dashboard expects them.
 */
const WORDS = new Map([
	['s', 'seconds'],
	['ms', 'milliseconds'],
	['By', 'bytes'],
	['1', 'ratio']
]);

/** The same metrics, by names that end in their unit, as a collector names them for Prometheus. */
export const withUnits = (metrics: ResourceMetrics): ResourceMetrics => ({
	...metrics,
	scopeMetrics: metrics.scopeMetrics.map((scope) => ({ ...scope, metrics: scope.metrics.map(nameOne) }))
});

function nameOne(metric: MetricData): MetricData {
	const { descriptor } = metric;
	const word = WORDS.get(descriptor.unit);
	const name = descriptor.name.replaceAll('.', '_');
	// a ratio is a gauge; what is counted has no unit
	if (!word || name.endsWith(`_${word}`) || (word === 'ratio' && !isGauge(metric))) return metric;
	return { ...metric, descriptor: { ...descriptor, name: `${name}_${word}` } };
}

const isGauge = ({ dataPointType }: MetricData): boolean => dataPointType === 2;
