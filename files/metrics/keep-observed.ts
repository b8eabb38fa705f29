import type { Attributes, HrTime } from '@opentelemetry/api';
import type { AggregationTemporality, MetricData } from '@opentelemetry/sdk-metrics';
import { isBefore } from '../sdk/wall-time.ts';

// the SDK imports this file
const CUMULATIVE: AggregationTemporality.CUMULATIVE = 1;

/** The last observation of each series: a class of the SDK that it does not export. */
interface Observations {
	get(attributes: Attributes): { startTime: HrTime } | undefined;
}

/**
 * Leaves out the series of an observable instrument that are no longer observed: what was deleted, and the values of a
 * callback that fails or does not return
 * (https://opentelemetry.io/docs/specs/otel/metrics/sdk/#metricreader). The SDK would export their last values as
 * current (https://github.com/open-telemetry/opentelemetry-js/issues/4096). `rollup.config.js` adds the call.
 *
 * @param metric what the SDK has collected
 * @param observations the last observation of each series
 * @param since older observations are left out
 */
export function keepObserved(
	metric: MetricData | undefined,
	observations: Observations,
	since: HrTime
): MetricData | undefined {
	// each delta is exported only once, and must not be lost
	if (metric?.aggregationTemporality !== CUMULATIVE) return metric;
	const dataPoints = metric.dataPoints.filter(({ attributes }) => {
		const last = observations.get(attributes);
		return !last || !isBefore(last.startTime, since);
	});
	return dataPoints.length > 0 ? ({ ...metric, dataPoints } as MetricData) : undefined;
}
