import type { MetricReader, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { PeriodicSettings } from '../config/metrics.ts';
import { write } from '../diagnostics/write.ts';
import type { Signal } from '../otlp/signal.ts';
import { describeEvery } from './every.ts';
import { logOverflow } from './overflow.ts';
import { PeriodicReader } from './periodic-reader.ts';

/**
 * Writes each data point as one line of JSON to stdout, for use without a collector. A process that ends collects
 * several times: only what has changed since the last collection is written then.
 */
export function createConsoleReader(settings: PeriodicSettings): {
	reader: MetricReader;
	signal: Signal;
} {
	let written: ReadonlySet<string> = new Set();
	const writeMetrics = (metrics: ResourceMetrics, isFlush: boolean): void => {
		logOverflow(metrics);
		const lines = linesOf(metrics);
		for (const [key, line] of lines) {
			if (!isFlush || !written.has(key)) write(process.stdout, `${line}\n`);
		}
		written = new Set(lines.map(([key]) => key));
	};
	const reader = new PeriodicReader(async (...args) => writeMetrics(...args), settings);
	return {
		reader,
		signal: {
			exporters: [`console ${describeEvery(settings.intervalMs)}`],
			flush: () => reader.flush(),
			close: () => reader.stop(),
			drain() {
				const metrics = reader.drain();
				if (metrics) writeMetrics(metrics, true);
				return [];
			}
		}
	};
}

/** The lines of all data points. The name of the meter, which is not written, tells two of the same name apart. */
const linesOf = ({ scopeMetrics }: ResourceMetrics): [key: string, line: string][] =>
	scopeMetrics.flatMap(({ scope, metrics }) =>
		metrics.flatMap(({ descriptor: { name, unit }, dataPoints }) =>
			dataPoints.map(({ attributes, value }): [key: string, line: string] => {
				const line = JSON.stringify({ name, unit, attributes, value });
				return [`${scope.name} ${line}`, line];
			})
		)
	);
