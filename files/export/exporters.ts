import { SimpleSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { withoutSecrets } from '../configure/parse.ts';
import type { Settings } from '../configure/settings.ts';
import { BatchSpanProcessor } from './batch-span-processor.ts';
import { ExportHealth } from './export-health.ts';

/** The way out for spans. */
export interface Exports {
	processors: SpanProcessor[];
	/** For the startup line: `otlp http/protobuf to http://…`. */
	description: string;
	/** Ends everything under way and tells what was lost; after the last flush, or instead of it. */
	close(): Promise<void>;
}

/**
 * Loads the exporters that the settings name, and no other.
 *
 * @param settings resolved
 * @param userAgent who sends
 */
export async function createExports(settings: Settings, userAgent: string): Promise<Exports> {
	const processors: SpanProcessor[] = [];
	const descriptions: string[] = [];
	const closers: (() => Promise<void>)[] = [];

	for (const name of settings.exporters) {
		if (name === 'console') {
			const { ConsoleSpanExporter } = await import('./console.ts');
			processors.push(new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() }));
			descriptions.push('console');
			continue;
		}
		const { otlp, batch } = settings;
		const target = withoutSecrets(otlp.url);
		const health = new ExportHealth(`collector ${target}`, batch.maxQueueSize);
		const exporter = await createOtlpExporter(settings, health, userAgent);
		const processor = new BatchSpanProcessor(exporter, batch, health);

		processors.push(processor);
		descriptions.push(`otlp ${otlp.protocol} to ${target}`);
		closers.push(async () => {
			await exporter.shutdown();
			health.close(processor.waiting);
		});
	}

	return {
		processors,
		description: descriptions.join(' and ') || 'none',
		close: async () => void (await Promise.all(closers.map((close) => close())))
	};
}

async function createOtlpExporter({ otlp }: Settings, health: ExportHealth, userAgent: string) {
	if (otlp.protocol === 'grpc') {
		const { createGrpcExporter } = await import('./otlp-grpc.ts');
		return createGrpcExporter(otlp, userAgent);
	}
	const { serializer, contentType } = await (otlp.protocol === 'http/json'
		? import('./otlp-json.ts')
		: import('./otlp-protobuf.ts'));
	const { OtlpHttpExporter } = await import('./otlp-http-exporter.ts');
	return new OtlpHttpExporter(serializer, contentType, otlp, health, userAgent);
}
