import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';

/**
 * The units in metric names, as Prometheus and the Collector have them
 * (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1,
 * https://github.com/prometheus/otlptranslator/blob/main/metric_namer.go).
 * Upstream's serializer leaves them out, but every dashboard expects them.
 */
const WORDS = new Map([
	['d', 'days'],
	['h', 'hours'],
	['min', 'minutes'],
	['s', 'seconds'],
	['ms', 'milliseconds'],
	['us', 'microseconds'],
	['ns', 'nanoseconds'],
	['By', 'bytes'],
	['KiBy', 'kibibytes'],
	['MiBy', 'mebibytes'],
	['GiBy', 'gibibytes'],
	['TiBy', 'tibibytes'],
	['KBy', 'kilobytes'],
	['MBy', 'megabytes'],
	['GBy', 'gigabytes'],
	['TBy', 'terabytes'],
	['m', 'meters'],
	['V', 'volts'],
	['A', 'amperes'],
	['J', 'joules'],
	['W', 'watts'],
	['g', 'grams'],
	['Cel', 'celsius'],
	['Hz', 'hertz'],
	['1', ''],
	['%', 'percent']
]);

/** The units after a slash: `By/s` is `bytes_per_second`. */
const PER = new Map([
	['s', 'second'],
	['m', 'minute'],
	['h', 'hour'],
	['d', 'day'],
	['w', 'week'],
	['mo', 'month'],
	['y', 'year']
]);

/**
 * Renames metrics so that the name ends in the unit, as a collector does for Prometheus. Metrics of several meters
 * with one name get the description and the unit of the first: Prometheus has one for each name, and instrumentations
 * of the same metric word theirs differently.
 */
export function withUnits(metrics: ResourceMetrics): ResourceMetrics {
	const descriptions = new Map<string, string>();
	const units = new Map<string, string>();
	const rename = (metric: MetricData): MetricData => {
		const { descriptor } = metric;
		// JavaScript may pass anything
		const code = String(descriptor.unit);
		const name = toName(String(descriptor.name), code, metric);
		const description = descriptions.get(name) || String(descriptor.description);
		descriptions.set(name, description);
		const unit = units.get(name) || toUnit(code, metric);
		units.set(name, unit);
		return { ...metric, descriptor: { ...descriptor, unit, name, description } };
	};
	return {
		...metrics,
		scopeMetrics: metrics.scopeMetrics.map((scope) => ({ ...scope, metrics: scope.metrics.map(rename) }))
	};
}

function toName(name: string, unit: string, metric: MetricData): string {
	let parts = name.split(/[^A-Za-z0-9]+/).filter(Boolean);
	parts.push(...toWords(unit).filter((word) => !parts.includes(word)));
	// the serializer adds `total` to counters
	if (isCounter(metric)) parts = parts.filter((part) => part !== 'total');
	if (isRatio(unit, metric)) parts = [...parts.filter((part) => part !== 'ratio'), 'ratio'];
	const joined = parts.join('_') || name;
	// the serializer writes the resource under this name
	return joined === 'target_info' ? 'exported_target_info' : joined;
}

/** The unit as Prometheus writes it, such as `bytes_per_second`. */
const toUnit = (unit: string, metric: MetricData): string =>
	isRatio(unit, metric) ? 'ratio' : toWords(unit).join('_');

/** The parts of a unit, such as `bytes` and `per_second`. */
function toWords(unit: string): string[] {
	const [main = '', per = ''] = split(unit);
	const perWord = toWord(per, PER);
	return [toWord(main, WORDS), perWord && `per_${perWord}`].filter(Boolean);
}

function split(unit: string): string[] {
	const at = unit.indexOf('/');
	return at < 0 ? [unit] : [unit.slice(0, at), unit.slice(at + 1)];
}

/** What is in braces is a note, such as `{request}`. */
function toWord(unit: string, words: ReadonlyMap<string, string>): string {
	const code = unit.trim();
	if (/[{}]/.test(code)) return '';
	return words.get(code) ?? code.replaceAll(/[^A-Za-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '');
}

/** A ratio is a gauge; counts have no unit. */
const isRatio = (unit: string, metric: MetricData): boolean => unit === '1' && isGauge(metric);

const isGauge = ({ dataPointType }: MetricData): boolean => dataPointType === 2;

const isCounter = (metric: MetricData): boolean =>
	metric.dataPointType === 3 && 'isMonotonic' in metric && metric.isMonotonic;
