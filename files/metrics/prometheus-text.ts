import { diag } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { describe } from '../diagnostics/guard.ts';
import { withUnits } from './prometheus-names.ts';

/**
 * Writes metrics in the text format of Prometheus. A metric that cannot be written is left out: a symbol as an
 * attribute of one would take all others along.
 */
export function createSerializer(): (metrics: ResourceMetrics) => string {
	const serializer = new PrometheusSerializer();
	return (metrics) => {
		const named = withUnits(metrics);
		try {
			return serializer.serialize(named);
		} catch (error) {
			diag.error(`a metric cannot be written for Prometheus (${describe(error)}): it is left out`);
		}
		return serializer.serialize({
			...named,
			scopeMetrics: named.scopeMetrics.map((scope) => ({
				...scope,
				metrics: scope.metrics.filter((metric) =>
					canSerialize(serializer, { ...named, scopeMetrics: [{ ...scope, metrics: [metric] }] })
				)
			}))
		});
	};
}

function canSerialize(serializer: PrometheusSerializer, metrics: ResourceMetrics): boolean {
	try {
		serializer.serialize(metrics);
		return true;
	} catch {
		return false;
	}
}
