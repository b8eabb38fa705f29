import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import {
	AggregationTemporality,
	AggregationType,
	InstrumentType,
	type MetricReader,
	type MetricReaderOptions,
	type ResourceMetrics
} from '@opentelemetry/sdk-metrics';
import type { OtlpMetricsSettings } from '../config/metrics.ts';
import type { EncodedBatch } from '../otlp/batch.ts';
import { createDestination } from '../otlp/destination.ts';
import type { Signal } from '../otlp/signal.ts';
import { countDeltas, countPoints } from './collect-now.ts';
import type { Exemplars } from './exemplars.ts';
import { describeEvery } from './every.ts';
import { logOverflow } from './overflow.ts';
import { PeriodicReader } from './periodic-reader.ts';
import { DELTA_WORDING, WORDING } from './wording.ts';

const { CUMULATIVE, DELTA } = AggregationTemporality;
const { COUNTER, HISTOGRAM, OBSERVABLE_COUNTER, OBSERVABLE_GAUGE, GAUGE } = InstrumentType;

/**
 * Which instruments use delta temporality, by the temporality preference
 * (https://opentelemetry.io/docs/specs/otel/metrics/sdk_exporters/otlp/#additional-environment-variable-configuration).
 */
const DELTAS: Record<OtlpMetricsSettings['temporality'], ReadonlySet<InstrumentType>> = {
	cumulative: new Set(),
	delta: new Set([COUNTER, HISTOGRAM, OBSERVABLE_COUNTER, OBSERVABLE_GAUGE, GAUGE]),
	lowmemory: new Set([COUNTER, HISTOGRAM])
};

/**
 * Exports metrics over OTLP, with the transports of all signals.
 *
 * @param settings the resolved settings
 * @param userAgent the value of the User-Agent header
 * @param exemplars the exemplars of our own histograms, if they are on
 */
export async function createOtlpReader(
	settings: OtlpMetricsSettings,
	userAgent: string,
	exemplars?: Exemplars
): Promise<{ reader: MetricReader; signal: Signal }> {
	const { exporter: otlp, intervalMs, timeoutMs } = settings;
	const { serialize, decodeResponse } = await (otlp.protocol === 'http/json'
		? import('./metrics-json.ts')
		: import('./metrics-protobuf.ts'));
	const destination = await createDestination(otlp, {
		decodeResponse,
		userAgent,
		timeoutMs: Math.min(otlp.timeoutMs, timeoutMs),
		wording: settings.temporality === 'cumulative' ? WORDING : DELTA_WORDING
	});
	let lastMs = 0;
	const encode = (metrics: ResourceMetrics): EncodedBatch | undefined => {
		logOverflow(metrics);
		exemplars?.attach(metrics, lastMs);
		lastMs = Date.now();
		try {
			const body = serialize(metrics);
			if (body) return { body, count: countPoints(metrics) };
		} catch (error) {
			destination.health.failed(error as Error, countDeltas(metrics));
		}
		return undefined;
	};
	// data points of the last export that are lost if there is no other: the next export would have their totals
	let missed = 0;
	const send = async (metrics: ResourceMetrics): Promise<void> => {
		const batch = encode(metrics);
		if (!batch) return;
		const deltas = countDeltas(metrics);
		const { exporter, health } = destination;
		const { error, isRefused } = await context.with(suppressTracing(context.active()), () =>
			exporter.export(batch)
		);
		missed = error ? batch.count - deltas : 0;
		if (error) health.failed(error, deltas, isRefused);
		else health.succeeded();
	};
	const reader = new PeriodicReader(send, settings, select(settings));
	return {
		reader,
		signal: {
			exporters: [`${destination.description} ${describeEvery(intervalMs)}`],
			flush: async () => {
				// an export that waits for its next attempt would hold up this one
				await destination.exporter.forceFlush();
				await reader.flush();
			},
			close: async () => {
				const stopped = reader.stop();
				// aborts exports in progress
				await destination.exporter.shutdown();
				await stopped;
				destination.health.close(missed);
			},
			drain() {
				const metrics = reader.drain();
				const last = metrics && encode(metrics);
				const { exporter, health } = destination;
				// totals include what is still being sent
				const isIncluded = last && settings.temporality === 'cumulative';
				return [
					{
						batches: [...(isIncluded ? [] : exporter.unsent()), ...(last ? [last] : [])],
						unanswered: isIncluded ? [] : exporter.unanswered(),
						otlp,
						health
					}
				];
			}
		}
	};
}

/** Chooses temporality and aggregation. */
const select = ({ temporality, histogram }: OtlpMetricsSettings): MetricReaderOptions => ({
	aggregationTemporalitySelector: (instrument) => (DELTAS[temporality].has(instrument) ? DELTA : CUMULATIVE),
	aggregationSelector: (instrument) => ({
		type:
			instrument === HISTOGRAM && histogram === 'base2_exponential_bucket_histogram'
				? AggregationType.EXPONENTIAL_HISTOGRAM
				: AggregationType.DEFAULT
	})
});
