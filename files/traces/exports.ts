import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { ProcessorSettings } from '../config/settings.ts';
import { createBatches } from '../otlp/batches.ts';
import { type Signal, join } from '../otlp/signal.ts';
import { BatchSpanProcessor } from './batch-span-processor.ts';
import { wordingOfSpans } from './wording.ts';

/** The way out for spans. */
export interface Exports extends Signal {
	processors: SpanProcessor[];
}

/**
 * Loads the exporters that the settings name, and no other.
 *
 * @param settings resolved
 * @param userAgent who sends
 */
export async function createExports(
	settings: readonly ProcessorSettings[],
	userAgent: string
): Promise<Exports> {
	const processors: SpanProcessor[] = [];
	const signals: Signal[] = [];

	for (const { exporter: otlp, batch } of settings) {
		if (otlp === 'console') {
			const processor = await createConsole();
			processors.push(processor);
			signals.push({
				exporters: ['console'],
				flush: () => processor.forceFlush(),
				close: () => processor.shutdown(),
				leave: () => []
			});
			continue;
		}
		const { encoding } = await (otlp.protocol === 'http/json'
			? import('./spans-json.ts')
			: import('./spans-protobuf.ts'));
		const { queue, signal } = await createBatches(otlp, batch, {
			encoding,
			wording: wordingOfSpans(batch.maxQueueSize),
			Queue: BatchSpanProcessor,
			userAgent
		});
		processors.push(queue);
		signals.push(signal);
	}
	return { processors, ...join(signals) };
}

/** A person at a terminal gets waterfalls, a program lines of JSON. */
const createConsole = async (): Promise<SpanProcessor> =>
	process.stdout.isTTY
		? (await import('../console/waterfall-processor.ts')).createWaterfallProcessor()
		: (await import('../otlp/console-spans.ts')).createConsoleProcessor();
