import type { Environment, Variable } from './variable.ts';
import { VARIABLES } from './variables.ts';

/** The settings of the batch processors for spans and log records, as in the SDK specification. */
export interface BatchSettings {
	readonly maxQueueSize: number;
	readonly maxExportBatchSize: number;
	readonly scheduleDelayMs: number;
	readonly exportTimeoutMs: number;
}

/** The variable of each setting. */
export type BatchVariables = Record<
	'maxQueueSize' | 'maxExportBatchSize' | 'scheduleDelay' | 'exportTimeout',
	Variable<number, number>
>;

/** `OTEL_BSP_*`, for spans. */
export const SPAN_BATCH: BatchVariables = {
	maxQueueSize: VARIABLES.maxQueueSize,
	maxExportBatchSize: VARIABLES.maxExportBatchSize,
	scheduleDelay: VARIABLES.scheduleDelay,
	exportTimeout: VARIABLES.exportTimeout
};

/** `OTEL_BLRP_*`, for log records. */
export const LOG_BATCH: BatchVariables = {
	maxQueueSize: VARIABLES.logMaxQueueSize,
	maxExportBatchSize: VARIABLES.logMaxExportBatchSize,
	scheduleDelay: VARIABLES.logScheduleDelay,
	exportTimeout: VARIABLES.logExportTimeout
};

/**
 * Reads the variables of a batch processor. Mirrors `createBatchSpanProcessorFromEnv` and
 * `getBatchLogRecordProcessorFromEnv` of `@opentelemetry/sdk-node`.
 */
export function readBatch(env: Environment, variables: BatchVariables): BatchSettings {
	const maxQueueSize = env.read(variables.maxQueueSize);
	const maxExportBatchSize = env.read(variables.maxExportBatchSize);

	// a small queue size alone is valid: it also limits the batch size
	if (maxExportBatchSize > maxQueueSize && env.has(variables.maxExportBatchSize)) {
		env.reject(
			{ ...variables.maxExportBatchSize, expected: 'a batch that fits into the queue' },
			`is ${maxExportBatchSize}, more than the ${maxQueueSize} of ${variables.maxQueueSize.name}`,
			`${maxQueueSize} is used`
		);
	}
	return {
		maxQueueSize,
		maxExportBatchSize: Math.min(maxExportBatchSize, maxQueueSize),
		scheduleDelayMs: env.read(variables.scheduleDelay),
		exportTimeoutMs: env.read(variables.exportTimeout)
	};
}
