import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import {
	AggregationTemporality,
	type MetricReader,
	PeriodicExportingMetricReader,
	type PushMetricExporter,
	type ResourceMetrics
} from '@opentelemetry/sdk-metrics';
import type { PeriodicSettings } from '../config/metrics.ts';
import { write } from '../diagnostics/write.ts';
import type { Signal } from '../otlp/signal.ts';
import { collectNow } from './collect-now.ts';
import { describeEvery } from './every.ts';

/** Writes each data point as one line of JSON to stdout, for use without a collector. */
export function createConsoleReader({ intervalMs, timeoutMs }: PeriodicSettings): {
	reader: MetricReader;
	signal: Signal;
} {
	const reader = new PeriodicExportingMetricReader({
		exporter: new ConsoleMetricExporter(),
		exportIntervalMillis: intervalMs,
		exportTimeoutMillis: timeoutMs
	});
	let isClosed = false;
	return {
		reader,
		signal: {
			exporters: [`console ${describeEvery(intervalMs)}`],
			flush: () => reader.forceFlush(),
			close: async () => {
				// the data has already been flushed
				isClosed = true;
			},
			drain() {
				const metrics = isClosed ? undefined : collectNow(reader);
				if (metrics) writeMetrics(metrics);
				return [];
			}
		}
	};
}

class ConsoleMetricExporter implements PushMetricExporter {
	export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void {
		writeMetrics(metrics);
		done({ code: ExportResultCode.SUCCESS });
	}

	selectAggregationTemporality(): AggregationTemporality {
		return AggregationTemporality.CUMULATIVE;
	}

	async forceFlush(): Promise<void> {}

	async shutdown(): Promise<void> {}
}

function writeMetrics({ scopeMetrics }: ResourceMetrics): void {
	for (const { metrics } of scopeMetrics) {
		for (const { descriptor, dataPoints } of metrics) {
			for (const { attributes, value } of dataPoints) {
				const line = { name: descriptor.name, unit: descriptor.unit, attributes, value };
				write(process.stdout, `${JSON.stringify(line)}\n`);
			}
		}
	}
}
