import { diag } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { PrometheusLabels } from '../config/metrics.ts';
import { describeError } from '../diagnostics/log.ts';
import { withoutExponential } from './prometheus-histograms.ts';
import { withLabels } from './prometheus-labels.ts';
import { withUnits } from './prometheus-names.ts';

/**
 * Writes metrics in the text format of Prometheus. A metric that cannot be written is left out: a symbol as an
 * attribute of one would take all others along.
 *
 * @param labels which labels are written besides the attributes of metrics
 */
export function createSerializer({
	isWithoutScope,
	isWithoutTarget,
	constantLabels
}: PrometheusLabels = {}): (metrics: ResourceMetrics) => string {
	// the constant labels are added with the others, which can have the same names
	const serializer = new PrometheusSerializer(undefined, false, undefined, isWithoutTarget, isWithoutScope);
	const leaveOutRepeated = createFilter(isWithoutScope);
	const serialize = (metrics: ResourceMetrics): string =>
		leaveOutRepeated(
			serializer.serialize(withLabels(withUnits(withoutExponential(metrics)), constantLabels))
		);
	const canSerialize = (metrics: ResourceMetrics): boolean => {
		try {
			serialize(metrics);
			return true;
		} catch {
			return false;
		}
	};
	return (metrics) => {
		try {
			return serialize(metrics);
		} catch (error) {
			diag.error(`a metric cannot be written for Prometheus (${describeError(error)}): it is left out`);
		}
		return serialize({
			...metrics,
			scopeMetrics: metrics.scopeMetrics.map((scope) => ({
				...scope,
				metrics: scope.metrics.filter((metric) =>
					canSerialize({ ...metrics, scopeMetrics: [{ ...scope, metrics: [metric] }] })
				)
			}))
		});
	};
}

/** Maximum number of metrics with repeated time series that are logged. */
const MAX_LOGGED = 100;

/**
 * Leaves out time series whose name and labels were there before: what differs in OpenTelemetry, such as the number 1
 * and the text "1", can be the same in Prometheus, which does not say which value it keeps. One line for each metric
 * logs this.
 *
 * @param isWithoutScope whether two meters with the same metric can have the same labels
 */
function createFilter(isWithoutScope?: boolean): (text: string) => string {
	const logged = new Set<string>();
	const remedy = `Use attributes that differ in more than the type or the punctuation${
		isWithoutScope
			? '. If it is the metric of two meters, set scope_info_enabled to true in the file of OTEL_CONFIG_FILE'
			: ''
	}`;
	const logOnce = (metric: string): void => {
		if (logged.has(metric) || logged.size >= MAX_LOGGED) return;
		logged.add(metric);
		diag.warn(
			`two time series of ${metric} have the same labels in Prometheus: only the first is served. ${remedy}`
		);
	};
	return (text) => {
		const seen = new Set<string>();
		let metric = '';
		const lines = text.split('\n').filter((line) => {
			if (line === '') return false;
			if (line.startsWith('#')) {
				// before the time series of a metric; those of a histogram have longer names
				metric = /^# TYPE (\S+)/.exec(line)?.[1] ?? metric;
				return true;
			}
			const series = line.slice(0, line.lastIndexOf(' '));
			if (!seen.has(series)) {
				seen.add(series);
				return true;
			}
			logOnce(metric);
			return false;
		});
		// the last line ends as well
		return `${lines.join('\n')}\n`;
	};
}
