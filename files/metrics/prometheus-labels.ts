import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** The labels that the serializer adds to each time series, for the instrumentation scope. */
const OF_SCOPE = new Set(['otel_scope_name', 'otel_scope_version', 'otel_scope_schema_url']);

/** A histogram has a label for the bounds of its buckets in addition. */
const OF_HISTOGRAM = new Set([...OF_SCOPE, 'le']);

const NONE: ReadonlySet<string> = new Set();

/**
 * Turns attributes into labels. Upstream's serializer does not check them, and Prometheus refuses everything that a
 * server sends if one name is not valid or twice in a time series
 * (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-attributes).
 *
 * @param metrics the metrics with attributes
 * @param constant the keys of the resource attributes that every time series gets, unless it has the label already
 */
export const withLabels = (metrics: ResourceMetrics, constant?: RegExp): ResourceMetrics => ({
	resource: resourceFromAttributes(toLabels(metrics.resource.attributes, NONE)),
	scopeMetrics: metrics.scopeMetrics.map((scope) => ({
		...scope,
		metrics: scope.metrics.map((metric) => {
			const reserved = isHistogram(metric) ? OF_HISTOGRAM : OF_SCOPE;
			const ofResource = constant ? toLabels(pick(metrics.resource.attributes, constant), reserved) : {};
			const dataPoints = metric.dataPoints.map((point) => ({
				...point,
				attributes: { ...ofResource, ...toLabels(point.attributes, reserved) }
			}));
			return { ...metric, dataPoints } as MetricData;
		})
	}))
});

/**
 * The values of keys that become one name are joined, in the order of the keys. Names are sorted, so that labels which
 * are the same for Prometheus are the same text.
 */
function toLabels(attributes: Attributes, reserved: ReadonlySet<string>): Attributes {
	const labels = new Map<string, AttributeValue>();
	for (const key of Object.keys(attributes).toSorted()) {
		const value = attributes[key];
		// Prometheus does not distinguish an empty label from a missing one
		if (value === undefined || value === '') continue;
		const name = toName(key, reserved);
		const before = labels.get(name);
		labels.set(name, before === undefined ? value : `${toText(before)};${toText(value)}`);
	}
	return Object.fromEntries([...labels].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * As the specification and OpenTelemetry's endpoint for Go name them
 * (https://github.com/prometheus/otlptranslator/blob/main/label_namer.go, with no option set), with two differences:
 * no name begins with two underscores, because Prometheus reserves those for itself, and a name of which nothing is
 * left is `_`, because otherwise the measurement would be lost. Prometheus' OTLP receiver sets options by default:
 * it keeps several underscores in a row, and `_id` becomes `key_id`. The Collector differs from version to version.
 */
function toName(key: string, reserved: ReadonlySet<string>): string {
	const name = key.replaceAll(/[^A-Za-z0-9]+/g, '_') || '_';
	if (/^\d/.test(name)) return `key_${name}`;
	// as Prometheus renames what collides with its own labels
	return reserved.has(name) ? `exported_${name}` : name;
}

/** As the serializer writes a value that is not a string. */
const toText = (value: AttributeValue): string => (typeof value === 'string' ? value : JSON.stringify(value));

const pick = (attributes: Attributes, keys: RegExp): Attributes =>
	Object.fromEntries(Object.entries(attributes).filter(([key]) => keys.test(key)));

const isHistogram = ({ dataPointType }: MetricData): boolean => dataPointType === 0;
