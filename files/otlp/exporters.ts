import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { ProcessorSettings } from '../config/settings.ts';
import { withoutSecrets } from '../config/url.ts';
import { BatchSpanProcessor } from './batch-span-processor.ts';
import { ExportHealth } from './export-health.ts';
import { exportLast } from '../shutdown/last-export.ts';
import { OtlpExporter } from './otlp-exporter.ts';
import { createTransport } from './transport.ts';

/** The way out for spans. */
export interface Exports {
	processors: SpanProcessor[];
	/** For the startup line: `otlp http/protobuf to http://…`. */
	descriptions: string[];
	/** Ends everything under way and tells what was lost; after the last flush, or instead of it. */
	close(): Promise<void>;
	/**
	 * The same when the process ends in this very turn, where nothing can be awaited any more: what is left
	 * is sent while the process stands still.
	 *
	 * @param timeoutMs how long it may
	 */
	closeNow(timeoutMs: number): void;
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
	const descriptions: string[] = [];
	const closers: Pick<Exports, 'close' | 'closeNow'>[] = [];

	for (const { exporter: otlp, batch } of settings) {
		if (otlp === 'console') {
			const { createConsoleProcessor } = await import('./console.ts');
			processors.push(createConsoleProcessor());
			descriptions.push('console');
			continue;
		}
		const target = withoutSecrets(otlp.url);
		const health = new ExportHealth(`collector ${target}`, batch.maxQueueSize);
		const { encoding } = await (otlp.protocol === 'http/json'
			? import('./otlp-json.ts')
			: import('./otlp-protobuf.ts'));
		const transport = await createTransport(otlp, userAgent);
		const limitMs = Math.min(otlp.timeoutMs, batch.exportTimeoutMs);
		const exporter = new OtlpExporter(encoding.decodeResponse, transport, limitMs, health);
		const spans = encoding.createBatch((span, cause) =>
			health.unencodable(span.instrumentationScope.name, cause)
		);
		const processor = new BatchSpanProcessor(spans, exporter, batch, health);

		processors.push(processor);
		descriptions.push(`otlp ${otlp.protocol} to ${target}`);
		closers.push({
			close: () => processor.shutdown(),
			closeNow: (timeoutMs) => exportLast(processor, exporter, health, { otlp, userAgent, timeoutMs })
		});
	}

	return {
		processors,
		descriptions,
		close: async () => void (await Promise.all(closers.map((closer) => closer.close()))),
		closeNow: (timeoutMs) => {
			const deadline = performance.now() + timeoutMs;
			for (const closer of closers) closer.closeNow(Math.max(deadline - performance.now(), 0));
		}
	};
}
