import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { log } from '../diagnostics/log.ts';
import { OVERFLOW } from './limits.ts';

/** The maximum number of metrics that are logged: names, too, can come from anywhere. */
const MAX_LOGGED = 20;

const logged = new Set<string>();

/**
 * Logs the metrics with more combinations of attribute values than the SDK keeps, each once in this process, for
 * any number of readers.
 *
 * @param metrics the result of a collection
 */
export function logOverflow({ scopeMetrics }: ResourceMetrics): void {
	for (const { scope, metrics } of scopeMetrics) {
		for (const { descriptor, dataPoints } of metrics) {
			const key = `${scope.name} ${descriptor.name}`;
			if (logged.has(key) || logged.size >= MAX_LOGGED) continue;
			if (!dataPoints.some(({ attributes }) => Object.hasOwn(Object(attributes), OVERFLOW))) continue;
			logged.add(key);
			log(
				'warn',
				`the metric ${descriptor.name} has ${dataPoints.length} combinations of attribute values, which is the limit: those that follow share one time series, with the attribute ${OVERFLOW}. Leave out the attribute that has so many values`
			);
		}
	}
}
