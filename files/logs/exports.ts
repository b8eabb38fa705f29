import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { LogProcessorSettings } from '../config/logs.ts';
import { createBatches } from '../otlp/batches.ts';
import { type Signal, join } from '../otlp/signal.ts';
import { LogQueue } from './log-queue.ts';
import type { Sink } from './safe-loggers.ts';
import { wordingOfLogs } from './wording.ts';

/** The way out for log records. */
export interface Exports extends Signal {
	processors: LogRecordProcessor[];
	sink: Sink;
}

/**
 * Loads the exporters that the settings name, and no other.
 *
 * @param settings resolved
 * @param userAgent who sends
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
			signals.push({ exporters: ['console'], flush: async () => {}, close: async () => {}, leave: () => [] });
			continue;
		}
		const { encoding } = await (otlp.protocol === 'http/json'
			? import('./logs-json.ts')
			: import('./logs-protobuf.ts'));
		const { queue, signal } = await createBatches(otlp, batch, {
			encoding,
			wording: wordingOfLogs(batch.maxQueueSize),
			Queue: LogQueue,
			userAgent
		});
		processors.push(queue);
		queues.push(queue);
		// the last word is the event `exit`'s: lines are printed until then, also when all else is closed
		signals.push({ ...signal, close: async () => {} });
	}
	const hasRoom = queues.length < processors.length;
	return {
		processors,
		sink: {
			get isFull() {
				return !hasRoom && queues.every((queue) => queue.isFull);
			},
			drop: () => queues.forEach((queue) => queue.drop())
		},
		...join(signals)
	};
}
