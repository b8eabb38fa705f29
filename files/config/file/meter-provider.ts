import type { InstrumentType } from '@opentelemetry/sdk-metrics';
import type {
	MeterProviderConfigModel,
	MetricReaderConfigModel,
	PeriodicMetricReaderConfigModel,
	PullMetricReaderConfigModel
} from '@opentelemetry/configuration';
import type {
	LimitedSettings,
	MetricReaderSettings,
	MetricsSettings,
	OtlpMetricsSettings,
	PeriodicSettings
} from '../metrics.ts';
import { METRICS_VARIABLES } from '../variables-metrics.ts';
import { toExpression } from './expression.ts';
import { toGrpc, toHttp } from './otlp.ts';
import { type Problems, onlyEntry } from './problems.ts';
import { toDelay, toLimit } from './timeout.ts';
import { toView } from './views.ts';

/** The names in the file, with the values of the environment variable. */
const TEMPORALITIES = { cumulative: 'cumulative', delta: 'delta', low_memory: 'lowmemory' } as const;

/** The default number of time series of an instrument, from the schema. */
const SERIES_LIMIT = 2000;

/** How metrics are named for Prometheus: with the unit and `_total`, and with underscores. */
const STRATEGY = 'underscore_escaping_with_suffixes';

const { exemplarFilter, metricExportInterval, metricExportTimeout, prometheusHost, prometheusPort } =
	METRICS_VARIABLES;

/**
 * The meter provider of a configuration file. Mirrors `createMeterProviderFromConfig` of
 * `@opentelemetry/sdk-node`, which throws where this records a problem.
 *
 * @returns undefined if none of its readers is supported
 */
export function toMetricsSettings(
	provider: MeterProviderConfigModel,
	problems: Problems
): MetricsSettings | undefined {
	problems.addUnsupported('meter_provider', provider, ['readers', 'views', 'exemplar_filter']);
	const readers = provider.readers.flatMap((node, index) =>
		toReader(node, `meter_provider.readers[${index}]`, problems)
	);
	if (readers.length === 0) return undefined;
	return {
		readers,
		exemplarFilter: provider.exemplar_filter ?? exemplarFilter.fallback,
		views: (provider.views ?? []).map((view, index) =>
			toView(view, `meter_provider.views[${index}]`, problems)
		)
	};
}

function toReader(
	{ periodic, pull }: MetricReaderConfigModel,
	path: string,
	problems: Problems
): MetricReaderSettings[] {
	if (periodic) return toPeriodic(periodic, `${path}.periodic`, problems);
	if (pull) return toPull(pull, `${path}.pull`, problems);
	problems.add(path, 'is not supported');
	return [];
}

function toPeriodic(
	node: PeriodicMetricReaderConfigModel,
	path: string,
	problems: Problems
): MetricReaderSettings[] {
	problems.addUnsupported(path, node, ['interval', 'timeout', 'exporter', 'cardinality_limits']);
	const { fallback } = metricExportInterval;
	if (node.interval === 0) problems.add(`${path}.interval`, `is 0 (${fallback} is used)`);
	const intervalMs = toDelay(node.interval || fallback, fallback);
	const timeoutMs = Math.min(toLimit(node.timeout, metricExportTimeout.fallback), intervalMs);
	const periodic = { intervalMs, timeoutMs, limitOf: toLimits(node.cardinality_limits) };
	const [name] = onlyEntry(node.exporter);
	const at = `${path}.exporter.${name}`;
	switch (name) {
		case 'console':
			problems.addUnsupported(at, node.exporter.console, []);
			return [{ exporter: 'console', ...periodic }];
		case 'otlp_http':
			return [
				toOtlp(node.exporter.otlp_http ?? {}, periodic, (rest) => toHttp('metrics', rest, at, problems))
			];
		case 'otlp_grpc':
			return [
				toOtlp(node.exporter.otlp_grpc ?? {}, periodic, (rest) => toGrpc('metrics', rest, at, problems))
			];
		default:
			problems.add(at, 'is not supported');
			return [];
	}
}

type OtlpNode = NonNullable<PeriodicMetricReaderConfigModel['exporter']['otlp_http']>;

/** The OTLP settings that only metrics have, besides those of every signal. */
function toOtlp(
	{ temporality_preference: temporality, default_histogram_aggregation: histogram, ...rest }: OtlpNode,
	periodic: PeriodicSettings,
	toExporter: (rest: OtlpNode) => OtlpMetricsSettings['exporter']
): OtlpMetricsSettings {
	return {
		exporter: toExporter(rest),
		...periodic,
		temporality: TEMPORALITIES[temporality ?? 'cumulative'],
		histogram: histogram ?? 'explicit_bucket_histogram'
	};
}

function toPull(node: PullMetricReaderConfigModel, path: string, problems: Problems): MetricReaderSettings[] {
	problems.addUnsupported(path, node, ['exporter', 'cardinality_limits']);
	const [name] = onlyEntry(node.exporter);
	const at = `${path}.exporter.${name}`;
	if (name !== 'prometheus/development') {
		problems.add(at, 'is not supported');
		return [];
	}
	const prometheus = node.exporter['prometheus/development'] ?? {};
	const { resource_constant_labels: labels, translation_strategy: strategy } = prometheus;
	problems.addUnsupported(at, prometheus, [
		'host',
		'port',
		'scope_info_enabled',
		'target_info_enabled/development',
		'resource_constant_labels',
		'translation_strategy'
	]);
	if (strategy && strategy !== STRATEGY)
		problems.add(`${at}.translation_strategy`, `is ${strategy} (${STRATEGY} is used)`);
	return [
		{
			exporter: 'prometheus',
			host: prometheus.host ?? prometheusHost.fallback,
			port: prometheus.port ?? prometheusPort.fallback,
			isWithoutScope: prometheus.scope_info_enabled === false,
			isWithoutTarget: prometheus['target_info_enabled/development'] === false,
			constantLabels: labels && toExpression(labels),
			limitOf: toLimits(node.cardinality_limits),
			isOfFile: true
		}
	];
}

/** The limit for a type of instruments has precedence over the one for all. */
const toLimits = (node: PullMetricReaderConfigModel['cardinality_limits']): LimitedSettings['limitOf'] =>
	node &&
	((type: InstrumentType) =>
		node[type.toLowerCase() as Lowercase<InstrumentType>] ?? node.default ?? SERIES_LIMIT);
