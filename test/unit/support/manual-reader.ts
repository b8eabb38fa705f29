import { MetricReader } from '@opentelemetry/sdk-metrics';

/** Collects only if a test asks it to. */
export class ManualReader extends MetricReader {
	protected async onForceFlush(): Promise<void> {}
	protected async onShutdown(): Promise<void> {}
}
