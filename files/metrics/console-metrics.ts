import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import {
	AggregationTemporality,
	type MetricReader,
	type PushMetricExporter,
	type ResourceMetrics
} from '@opentelemetry/sdk-metrics';
import type { PeriodicSettings } from '../config/metrics.ts';
import { write } from '../diagnostics/write.ts';
import type { Signal } from '../otlp/signal.ts';
import { collectNow } from './collect-now.ts';
import { describeEvery } from './every.ts';
import { logOverflow } from './overflow.ts';
import { PeriodicReader } from './periodic-reader.ts';

/** Writes each data point as one line of JSON to stdout, for use without a collector. */
export function createConsoleReader(settings: PeriodicSettings): {
	reader: MetricReader;
	signal: Signal;
} {
	const reader = new PeriodicReader(new ConsoleMetricExporter(), settings);
	let isClosed = false;
	return {
		reader,
		signal: {
			exporters: [`console ${describeEvery(settings.intervalMs)}`],
			flush: () => reader.flush(async (metrics) => writeMetrics(metrics)),
			close: async () => {
				// the data has already been flushed
				isClosed = true;
				reader.stop();
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
