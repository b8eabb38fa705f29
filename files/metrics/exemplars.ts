import { type Attributes, type SpanContext, TraceFlags, isSpanContextValid } from '@opentelemetry/api';
import type { DataPoint, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ExemplarFilter } from '../config/metrics.ts';
import { rememberHashes } from './attribute-hashes.ts';
import { findOrCreate } from './attribute-sets.ts';

/** A measurement with its span: it leads from a graph to a trace. */
export interface Exemplar {
	value: number;
	/** Milliseconds since 1970. */
	timeMs: number;
	spanContext: SpanContext;
}

const keyOf = rememberHashes(JSON.stringify);

/** The exemplars of one metric: for each set of attributes, the last one of each bucket. As many sets as time series. */
type Series = Map<string, Exemplar[]>;

/**
 * Keeps exemplars of our own histograms, the last one in each bucket, because `@opentelemetry/sdk-metrics` has
 * no exemplars
 * (https://opentelemetry.io/docs/specs/otel/metrics/sdk/#alignedhistogrambucketexemplarreservoir).
 */
export class Exemplars {
	readonly #filter: ExemplarFilter;
	readonly #bounds: readonly number[];
	readonly #meter: string;
	readonly #metrics = new Map<string, Series>();

	/**
	 * @param filter which measurements can be exemplars
	 * @param bounds the upper bounds of the buckets
	 * @param meter the name of our meter: others may have metrics of the same names
	 */
	constructor(filter: ExemplarFilter, bounds: readonly number[], meter: string) {
		this.#filter = filter;
		this.#bounds = bounds;
		this.#meter = meter;
	}

	/**
	 * Keeps a measurement if the filter accepts it.
	 *
	 * @param metric the name of the metric
	 * @param attributes the attributes of the measurement, always in the same order
	 * @param value the value
	 * @param spanContext the span that was measured
	 */
	offer(metric: string, attributes: Attributes, value: number, spanContext: SpanContext | undefined): void {
		if (!spanContext || !this.#accepts(spanContext)) return;
		const series = findOrCreate(this.#metrics, metric, (): Series => new Map());
		const buckets = findOrCreate(series, keyOf(attributes), (): Exemplar[] => []);
		buckets[this.#bucketOf(value)] = { value, timeMs: Date.now(), spanContext };
	}

	/**
	 * Adds the exemplars to the data points that are exported.
	 *
	 * @param metrics the result of a collection
	 * @param sinceMs the time of the collection before: older exemplars have already been exported
	 */
	attach({ scopeMetrics }: ResourceMetrics, sinceMs: number): void {
		const ours = scopeMetrics.filter(({ scope }) => scope.name === this.#meter);
		for (const { descriptor, dataPoints } of ours.flatMap(({ metrics }) => metrics)) {
			const series = this.#metrics.get(descriptor.name);
			if (!series) continue;
			for (const point of dataPoints as WithExemplars[]) {
				const buckets = series.get(keyOf(point.attributes));
				// leaves out empty buckets, too
				if (buckets) point.exemplars = buckets.filter(({ timeMs }) => timeMs >= sinceMs);
			}
		}
	}

	#accepts(spanContext: SpanContext): boolean {
		const isSampled = (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0;
		// without traces, requests have a span that is not valid
		return (isSampled || this.#filter === 'always_on') && isSpanContextValid(spanContext);
	}

	#bucketOf(value: number): number {
		const index = this.#bounds.findIndex((bound) => value <= bound);
		return index < 0 ? this.#bounds.length : index;
	}
}

type WithExemplars = DataPoint<unknown> & { exemplars?: Exemplar[] };
