import type { InstrumentType, ViewOptions } from '@opentelemetry/sdk-metrics';
import { type OtlpSettings, readOtlp } from './otlp.ts';
import type { Environment } from './variable.ts';
import {
	type EXEMPLAR_FILTERS,
	type HISTOGRAMS,
	METRICS_VARIABLES,
	type TEMPORALITIES
} from './variables-metrics.ts';

/** The names of the metrics exporters. */
export type MetricsExporter = 'otlp' | 'prometheus' | 'console';

/** Which measurements can be exemplars: those of sampled spans, those of any span, or none. */
export type ExemplarFilter = (typeof EXEMPLAR_FILTERS)[number];

/** The settings of an OTLP metrics exporter. */
export interface OtlpMetricsSettings extends PeriodicSettings {
	readonly exporter: OtlpSettings;
	readonly temporality: (typeof TEMPORALITIES)[number];
	readonly histogram: (typeof HISTOGRAMS)[number];
}

/** The interval and the timeout of a periodic reader. */
export interface PeriodicSettings extends LimitedSettings {
	readonly intervalMs: number;
	readonly timeoutMs: number;
}

/** What every reader can have, only from a configuration file. */
export interface LimitedSettings {
	/** The maximum number of time series of an instrument. Default: that of the SDK. */
	readonly limitOf?: ((type: InstrumentType) => number) | undefined;
}

/** Where metrics are served for Prometheus. */
export interface PrometheusSettings extends LimitedSettings, PrometheusLabels {
	readonly exporter: 'prometheus';
	readonly host: string;
	/** 0 for any free one. */
	readonly port: number;
	/** Whether they are those of a configuration file: messages then name its keys, not variables. */
	readonly isOfFile?: true;
}

/** Which labels are served for Prometheus besides the attributes of metrics, only from a configuration file. */
export interface PrometheusLabels {
	/** Whether the name of the meter is left out of every time series. */
	readonly isWithoutScope?: boolean;
	/** Whether `target_info`, which has the attributes of the resource, is left out. */
	readonly isWithoutTarget?: boolean;
	/** The keys of resource attributes that every time series has. */
	readonly constantLabels?: RegExp | undefined;
}

/** The settings of a metric reader. */
export type MetricReaderSettings =
	| OtlpMetricsSettings
	| ({ readonly exporter: 'console' } & PeriodicSettings)
	| PrometheusSettings;

/** The settings of metrics, if they are on. */
export interface MetricsSettings {
	readonly readers: readonly MetricReaderSettings[];
	readonly exemplarFilter: ExemplarFilter;
	/** Only from a configuration file. */
	readonly views?: readonly ViewOptions[];
}

/**
 * Reads the variables of metrics
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). Mirrors the behavior of
 * `@opentelemetry/sdk-node`.
 *
 * @param env the environment
 * @param exporters the exporters of `OTEL_METRICS_EXPORTER`, at least one
 */
export function readMetrics(env: Environment, exporters: readonly MetricsExporter[]): MetricsSettings {
	return {
		readers: exporters.map((exporter) => readReader(env, exporter)),
		exemplarFilter: env.read(METRICS_VARIABLES.exemplarFilter)
	};
}

function readReader(env: Environment, exporter: MetricsExporter): MetricReaderSettings {
	if (exporter === 'prometheus') {
		return {
			exporter,
			host: env.read(METRICS_VARIABLES.prometheusHost),
			port: env.read(METRICS_VARIABLES.prometheusPort)
		};
	}
	const periodic = readPeriodic(env);
	if (exporter === 'console') return { exporter, ...periodic };
	return {
		exporter: readOtlp(env, 'metrics'),
		...periodic,
		temporality: env.read(METRICS_VARIABLES.temporality),
		histogram: env.read(METRICS_VARIABLES.histogram)
	};
}

function readPeriodic(env: Environment): PeriodicSettings {
	const intervalMs = env.read(METRICS_VARIABLES.metricExportInterval);
	const timeoutMs = env.read(METRICS_VARIABLES.metricExportTimeout);
	if (timeoutMs > intervalMs && env.has(METRICS_VARIABLES.metricExportTimeout)) {
		env.reject(
			{ ...METRICS_VARIABLES.metricExportTimeout, expected: 'no more than OTEL_METRIC_EXPORT_INTERVAL' },
			`is ${timeoutMs}, longer than the ${intervalMs} ms of OTEL_METRIC_EXPORT_INTERVAL`,
			`${intervalMs} ms is used`
		);
	}
	return { intervalMs, timeoutMs: Math.min(timeoutMs, intervalMs) };
}
