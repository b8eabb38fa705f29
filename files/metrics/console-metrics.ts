import type { MetricReader, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { PeriodicSettings } from '../config/metrics.ts';
import { write } from '../diagnostics/write.ts';
import type { Signal } from '../otlp/signal.ts';
import { describeEvery } from './every.ts';
import { logOverflow } from './overflow.ts';
import { PeriodicReader } from './periodic-reader.ts';

/** Writes each data point as one line of JSON to stdout, for use without a collector. */
export function createConsoleReader(settings: PeriodicSettings): {
	reader: MetricReader;
	signal: Signal;
} {
	const reader = new PeriodicReader(async (metrics) => writeMetrics(metrics), settings);
	return {
		reader,
		signal: {
			exporters: [`console ${describeEvery(settings.intervalMs)}`],
			flush: () => reader.flush(),
			close: () => reader.stop(),
			drain() {
				const metrics = reader.drain();
				if (metrics) writeMetrics(metrics);
				return [];
			}
		}
	};
}

function writeMetrics(metrics: ResourceMetrics): void {
	logOverflow(metrics);
	for (const scope of metrics.scopeMetrics) {
		for (const { descriptor, dataPoints } of scope.metrics) {
			for (const { attributes, value } of dataPoints) {
				const line = { name: descriptor.name, unit: descriptor.unit, attributes, value };
				write(process.stdout, `${JSON.stringify(line)}\n`);
			}
		}
	}
}
