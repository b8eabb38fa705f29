import { millisToHrTime } from '@opentelemetry/core';
import type { MetricReader, ResourceMetrics, ScopeMetrics } from '@opentelemetry/sdk-metrics';

/** What of the SDK collects, in its own words. A test holds this against what a reader collects. */
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
 * Collects in this very turn, for a process that ends: the SDK's own way awaits, and nothing that is awaited
 * goes on in the event `exit`. What is observed by callbacks is as it was seen last.
 *
 * @param reader of the SDK's
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

/** How many data points there are. */
export const countPoints = ({ scopeMetrics }: ResourceMetrics): number =>
	scopeMetrics.flatMap(({ metrics }) => metrics).reduce((sum, { dataPoints }) => sum + dataPoints.length, 0);
