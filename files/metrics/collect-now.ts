import { millisToHrTime } from '@opentelemetry/core';
import {
	AggregationTemporality,
	type MetricReader,
	type ResourceMetrics,
	type ScopeMetrics
} from '@opentelemetry/sdk-metrics';

/**
 * The part of the SDK that collects, with the SDK's names. A test compares this with the output of a
 * reader.
 */
interface SdkReader {
	_sdkMetricProducer?: {
		_sharedState: { resource: ResourceMetrics['resource']; meterSharedStates: Map<string, MeterState> };
	};
}

interface MeterState {
	_instrumentationScope: ScopeMetrics['scope'];
	metricStorageRegistry: {
		getStorages(collector: object): {
			collect(collector: object, time: [number, number]): ScopeMetrics['metrics'][number] | undefined;
		}[];
	};
}

/**
 * Collects synchronously, for a process that ends: the SDK's own method is asynchronous, and nothing
 * asynchronous runs in the `exit` event. Observable instruments have the value of their last callback.
 *
 * @param reader the SDK's reader
 */
export function collectNow(reader: MetricReader): ResourceMetrics | undefined {
	const collector = (reader as unknown as SdkReader)._sdkMetricProducer;
	if (!collector) return undefined;
	const time = millisToHrTime(Date.now());
	const { resource, meterSharedStates } = collector._sharedState;
	const scopeMetrics = [...meterSharedStates.values()].flatMap((meter) => {
		const metrics = meter.metricStorageRegistry
			.getStorages(collector)
			.map((storage) => storage.collect(collector, time))
			.filter((metric) => metric !== undefined);
		return metrics.length > 0 ? [{ scope: meter._instrumentationScope, metrics }] : [];
	});
	return scopeMetrics.length > 0 ? { resource, scopeMetrics } : undefined;
}

/** The number of data points. */
export const countPoints = (metrics: ResourceMetrics): number => count(metrics, () => true);

/** The number of data points that are lost if their export fails: no later export contains them. */
export const countDeltas = (metrics: ResourceMetrics): number =>
	count(metrics, ({ aggregationTemporality }) => aggregationTemporality === AggregationTemporality.DELTA);

const count = (
	{ scopeMetrics }: ResourceMetrics,
	isCounted: (metric: ScopeMetrics['metrics'][number]) => boolean
): number =>
	scopeMetrics
		.flatMap(({ metrics }) => metrics.filter(isCounted))
		.reduce((sum, { dataPoints }) => sum + dataPoints.length, 0);
