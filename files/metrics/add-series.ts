import type { Attributes } from '@opentelemetry/api';
import { OVERFLOW, SERIES_LIMIT } from './limits.ts';

/** The series of a metric, by their attributes: a class of the SDK that it does not export. */
interface Series<Accumulation> {
	readonly size: number;
	get(attributes: Attributes, hash?: string): Accumulation | undefined;
	set(attributes: Attributes, value: Accumulation, hash?: string): void;
}

/** The attributes of the series for what is above the limit. */
const REST: Attributes = { [OVERFLOW]: true };

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
	limit = SERIES_LIMIT
): void {
	if (series.size < limit - 1) return series.set(attributes, accumulation, hash);
	const rest = series.get(REST);
	series.set(REST, rest === undefined ? accumulation : aggregator.merge(rest, accumulation));
}
