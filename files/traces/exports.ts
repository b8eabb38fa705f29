import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { ProcessorSettings } from '../config/settings.ts';
import { createBatches } from '../otlp/batches.ts';
import { type Signal, join } from '../otlp/signal.ts';
import { BatchSpanProcessor } from './batch-span-processor.ts';
import { wordingOfSpans } from './wording.ts';

/** The exporters of spans. */
export interface Exports extends Signal {
	processors: SpanProcessor[];
}

/**
 * Loads only the exporters that the settings name.
 *
 * @param settings the resolved settings
 * @param userAgent the `User-Agent` header
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
				drain: () => []
			});
			continue;
		}
		const { encoding } = await (otlp.protocol === 'http/json'
			? import('./spans-json.ts')
			: import('./spans-protobuf.ts'));
		const { queue, signal } = await createBatches(otlp, batch, {
			encoding,
			wording: wordingOfSpans(batch.maxQueueSize, otlp.isOfFile),
			Queue: BatchSpanProcessor,
			userAgent
		});
		processors.push(queue);
		signals.push(signal);
	}
	return { processors, ...join(signals) };
}

/** On a terminal, traces are shown as waterfalls; otherwise spans are written as JSON lines. */
const createConsole = async (): Promise<SpanProcessor> =>
	process.stdout.isTTY
		? (await import('../console/waterfall-processor.ts')).createWaterfallProcessor()
		: (await import('../console/console-spans.ts')).createConsoleProcessor();
