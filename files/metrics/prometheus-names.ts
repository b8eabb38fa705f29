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
 * with one name get the description of the first: Prometheus has one for each name, and instrumentations of the same
 * metric word theirs differently.
 */
export function withUnits(metrics: ResourceMetrics): ResourceMetrics {
	const descriptions = new Map<string, string>();
	const rename = (metric: MetricData): MetricData => {
		const { descriptor } = metric;
		// JavaScript may pass anything
		const unit = String(descriptor.unit);
		const name = toName(String(descriptor.name), unit, metric);
		const description = descriptions.get(name) || String(descriptor.description);
		descriptions.set(name, description);
		return { ...metric, descriptor: { ...descriptor, unit, name, description } };
	};
	return {
		...metrics,
		scopeMetrics: metrics.scopeMetrics.map((scope) => ({ ...scope, metrics: scope.metrics.map(rename) }))
	};
}

function toName(name: string, unit: string, metric: MetricData): string {
	let parts = name.split(/[^A-Za-z0-9]+/).filter(Boolean);
	const [main = '', per = ''] = split(unit);
	const add = (word: string): void => void (word && !parts.includes(word) && parts.push(word));
	add(toWord(main, WORDS));
	const perWord = toWord(per, PER);
	if (perWord) add(`per_${perWord}`);
	// the serializer adds `total` to counters
	if (isCounter(metric)) parts = parts.filter((part) => part !== 'total');
	// a ratio is a gauge; counts have no unit
	if (unit === '1' && isGauge(metric)) parts = [...parts.filter((part) => part !== 'ratio'), 'ratio'];
	const joined = parts.join('_') || name;
	// the serializer writes the resource under this name
	return joined === 'target_info' ? 'exported_target_info' : joined;
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

const isGauge = ({ dataPointType }: MetricData): boolean => dataPointType === 2;

const isCounter = (metric: MetricData): boolean =>
	metric.dataPointType === 3 && 'isMonotonic' in metric && metric.isMonotonic;
