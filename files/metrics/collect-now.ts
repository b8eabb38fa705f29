import type { HrTime } from '@opentelemetry/api';
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
	observableRegistry: {
		/** Resolves with the errors of callbacks. */
		observe(time: HrTime, timeoutMs: number): Promise<unknown[]>;
	};
	metricStorageRegistry: {
		getStorages(collector: object): {
			/** `rollup.config.js` adds the last parameter: see `keep-observed.ts`. */
			collect(
				collector: object,
				time: HrTime,
				observedSince: HrTime
			): ScopeMetrics['metrics'][number] | undefined;
		}[];
	};
}

/** The start of time. */
export const EVER: HrTime = [0, 0];

/**
 * Calls the callbacks of all observable instruments, and waits for them.
 *
 * @param reader the SDK's reader
 * @param time the time of their values
 * @param timeoutMs how long a callback may take
 * @returns the errors of the callbacks: `TimeoutError` of the SDK for those that took longer
 */
export async function observe(reader: MetricReader, time: HrTime, timeoutMs: number): Promise<unknown[]> {
	const collector = (reader as unknown as SdkReader)._sdkMetricProducer;
	const meters = collector?._sharedState.meterSharedStates.values() ?? [];
	const errors = await Promise.all(
		[...meters].map(({ observableRegistry }) => observableRegistry.observe(time, timeoutMs))
	);
	return errors.flat();
}

/**
 * Collects synchronously, without callbacks. The SDK's own method is asynchronous, and nothing asynchronous runs in
 * the `exit` event.
 *
 * @param reader the SDK's reader
 * @param observedSince totals and gauges of observable instruments are left out if they are older
 */
export function collectNow(reader: MetricReader, observedSince = EVER): ResourceMetrics | undefined {
	const collector = (reader as unknown as SdkReader)._sdkMetricProducer;
	if (!collector) return undefined;
	const time = millisToHrTime(Date.now());
	const { resource, meterSharedStates } = collector._sharedState;
	const scopeMetrics = [...meterSharedStates.values()].flatMap((meter) => {
		const metrics = meter.metricStorageRegistry
			.getStorages(collector)
			.map((storage) => storage.collect(collector, time, observedSince))
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
