import type { Attributes } from '@opentelemetry/api';

/** The series of a metric, by their attributes: a class of the SDK that it does not export. */
interface Series<Accumulation> {
	readonly size: number;
	get(attributes: Attributes, hash?: string): Accumulation | undefined;
	set(attributes: Attributes, value: Accumulation, hash?: string): void;
}

/** The SDK's default. */
const LIMIT = 2000;

/** https://opentelemetry.io/docs/specs/otel/metrics/sdk/#overflow-attribute */
const OVERFLOW: Attributes = { 'otel.metric.overflow': true };

/**
 * Adds a series to the totals, or to the series for what is above the limit. `rollup.config.js` adds the call to the
 * SDK, which limits the series of an interval only: with cumulative totals, each interval could add as many again.
 *
 * @param series the totals; changed
 * @param attributes the attributes of a series that they do not have
 * @param accumulation what was measured of it
 * @param hash of the attributes
 * @param aggregator adds up two accumulations
 * @param limit the maximum number of series
 */
export function addSeries<Accumulation>(
	series: Series<Accumulation>,
	attributes: Attributes,
	accumulation: Accumulation,
	hash: string,
	aggregator: { merge(previous: Accumulation, delta: Accumulation): Accumulation },
	limit = LIMIT
): void {
	if (series.size < limit - 1) return series.set(attributes, accumulation, hash);
	const rest = series.get(OVERFLOW);
	series.set(OVERFLOW, rest === undefined ? accumulation : aggregator.merge(rest, accumulation));
}
