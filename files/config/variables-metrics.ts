import { define, milliseconds } from './kinds.ts';
import { parseName } from './parse.ts';
import type { Variable } from './variable.ts';

/** The temporality preferences of the OTLP exporter. */
export const TEMPORALITIES = ['cumulative', 'delta', 'lowmemory'] as const;

/** The default aggregations of histograms; a view can override them. */
export const HISTOGRAMS = ['explicit_bucket_histogram', 'base2_exponential_bucket_histogram'] as const;

/** Which measurements can be exemplars. */
export const EXEMPLAR_FILTERS = ['trace_based', 'always_on', 'always_off'] as const;

const oneOf = <const T extends string>(
	name: string,
	known: readonly T[],
	fallback: NoInfer<T>
): Variable<T, T> => ({ name, expected: known.join(', '), fallback, parse: parseName(known) });

/** The variables that are read only if metrics are on. */
export const METRICS_VARIABLES = {
	metricExportInterval: milliseconds('OTEL_METRIC_EXPORT_INTERVAL', 60_000, 1),
	metricExportTimeout: milliseconds('OTEL_METRIC_EXPORT_TIMEOUT', 30_000, 1),
	exemplarFilter: oneOf('OTEL_METRICS_EXEMPLAR_FILTER', EXEMPLAR_FILTERS, 'trace_based'),
	temporality: oneOf('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', TEMPORALITIES, 'cumulative'),
	histogram: oneOf(
		'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
		HISTOGRAMS,
		'explicit_bucket_histogram'
	),
	prometheusHost: define<string, string>({
		name: 'OTEL_EXPORTER_PROMETHEUS_HOST',
		expected: 'a host or an address to listen on',
		fallback: 'localhost',
		parse: (value) => (/^[\w.:-]+$/.test(value) ? value : undefined)
	}),
	prometheusPort: define<number, number>({
		name: 'OTEL_EXPORTER_PROMETHEUS_PORT',
		expected: 'a port, from 0 (any that is free) to 65535',
		fallback: 9464,
		parse: (value) => (/^\d{1,5}$/.test(value) && Number(value) < 65_536 ? Number(value) : undefined)
	})
};
