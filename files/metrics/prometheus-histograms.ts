import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { log } from '../diagnostics/log.ts';

let isLogged = false;

/**
 * Turns exponential histograms, which the text format does not have, into histograms with no bounds: their count and
 * their sum are served, as by Prometheus' own libraries
 * (https://github.com/prometheus/common/blob/main/expfmt/text_create.go). Their buckets as bounds would be wrong in
 * sums, because each time series has its own bounds, and larger values change them. One line logs this in a process.
 */
export const withoutExponential = (metrics: ResourceMetrics): ResourceMetrics => ({
	...metrics,
	scopeMetrics: metrics.scopeMetrics.map((scope) => ({ ...scope, metrics: scope.metrics.map(toHistogram) }))
});

function toHistogram(metric: MetricData): MetricData {
	if (metric.dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM) return metric;
	if (!isLogged) {
		log(
			'warn',
			`the metric ${metric.descriptor.name} is an exponential histogram, which is not in the format that Prometheus scrapes: of such metrics only the count and the sum are served, so they have no quantiles. Remove the aggregation from the view, or send metrics to Prometheus over OTLP`
		);
	}
	isLogged = true;
	return {
		...metric,
		dataPointType: DataPointType.HISTOGRAM,
		dataPoints: metric.dataPoints.map((point) => ({
			...point,
			value: { ...point.value, buckets: { boundaries: [], counts: [point.value.count] } }
		}))
	};
}
