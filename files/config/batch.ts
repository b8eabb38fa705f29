import type { Environment } from './variable.ts';
import { VARIABLES } from './variables.ts';

/** How spans are gathered into exports: the batch span processor of the SDK specification. */
export interface BatchSettings {
	readonly maxQueueSize: number;
	readonly maxExportBatchSize: number;
	readonly scheduleDelayMs: number;
	readonly exportTimeoutMs: number;
}

/** Reads `OTEL_BSP_*`. Mirrors `createBatchSpanProcessorFromEnv` of `@opentelemetry/sdk-node`. */
export function readBatch(env: Environment): BatchSettings {
	const maxQueueSize = env.read(VARIABLES.maxQueueSize);
	const maxExportBatchSize = env.read(VARIABLES.maxExportBatchSize);

	// a small queue alone is no mistake: batches are then as small
	if (maxExportBatchSize > maxQueueSize && env.has(VARIABLES.maxExportBatchSize)) {
		env.reject(
			{ ...VARIABLES.maxExportBatchSize, expected: 'a batch that fits into the queue' },
			`is ${maxExportBatchSize}, more than the ${maxQueueSize} of OTEL_BSP_MAX_QUEUE_SIZE`,
			`${maxQueueSize} is used`
		);
	}
	return {
		maxQueueSize,
		maxExportBatchSize: Math.min(maxExportBatchSize, maxQueueSize),
		scheduleDelayMs: env.read(VARIABLES.scheduleDelay),
		exportTimeoutMs: env.read(VARIABLES.exportTimeout)
	};
}
