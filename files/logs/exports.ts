import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { LogProcessorSettings } from '../config/logs.ts';
import { createBatches } from '../otlp/batches.ts';
import { type Signal, join } from '../otlp/signal.ts';
import { LogQueue } from './log-queue.ts';
import type { Sink } from './safe-loggers.ts';
import { wordingOfLogs } from './wording.ts';

/** The exporters of log records. */
export interface Exports extends Signal {
	processors: LogRecordProcessor[];
	sink: Sink;
}

/**
 * Loads only the exporters that the settings name.
 *
 * @param settings the resolved settings
 * @param userAgent the value of the User-Agent header
 */
export async function createExports(
	settings: readonly LogProcessorSettings[],
	userAgent: string
): Promise<Exports> {
	const processors: LogRecordProcessor[] = [];
	const queues: LogQueue[] = [];
	const signals: Signal[] = [];

	for (const { exporter: otlp, batch } of settings) {
		if (otlp === 'console') {
			const { createConsoleProcessor } = await import('./console-processor.ts');
			processors.push(createConsoleProcessor());
			signals.push({
				exporters: ['console'],
				flush: async () => {},
				close: async () => {},
				drain: () => []
			});
			continue;
		}
		const { encoding } = await (otlp.protocol === 'http/json'
			? import('./logs-json.ts')
			: import('./logs-protobuf.ts'));
		const { queue, signal } = await createBatches(otlp, batch, {
			encoding,
			wording: wordingOfLogs(batch.maxQueueSize, otlp.isOfFile),
			Queue: LogQueue,
			userAgent
		});
		processors.push(queue);
		queues.push(queue);
		// the last export runs in the `exit` event: lines are printed until then, even after everything
		// else is closed
		signals.push({ ...signal, close: async () => {} });
	}
	const hasRoom = queues.length < processors.length;
	const [first] = queues;
	const sink: Sink =
		first && processors.length === 1
			? first
			: {
					get isFull() {
						return !hasRoom && queues.every((queue) => queue.isFull);
					},
					drop: () => queues.forEach((queue) => queue.drop())
				};
	return { processors, sink, ...join(signals) };
}
