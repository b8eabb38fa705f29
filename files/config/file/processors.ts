import type { SpanExporterConfigModel, SpanProcessorConfigModel } from '@opentelemetry/configuration';
import type { BatchSettings } from '../batch.ts';
import type { ProcessorSettings } from '../settings.ts';
import { VARIABLES } from '../variables.ts';
import { toGrpc, toHttp } from './otlp.ts';
import { type Problems, onlyEntry } from './problems.ts';
import { toLimit } from './timeout.ts';

/** The defaults of the schema are those of the environment. */
const BATCH: BatchSettings = {
	maxQueueSize: VARIABLES.maxQueueSize.fallback,
	maxExportBatchSize: VARIABLES.maxExportBatchSize.fallback,
	scheduleDelayMs: VARIABLES.scheduleDelay.fallback,
	exportTimeoutMs: VARIABLES.exportTimeout.fallback
};

/**
 * The processors of a configuration file. Mirrors `createSpanProcessorFromConfig` of
 * `@opentelemetry/sdk-node`, which throws where this takes a problem down.
 */
export function toProcessors(
	nodes: readonly SpanProcessorConfigModel[],
	path: string,
	problems: Problems
): ProcessorSettings[] {
	return nodes.flatMap((node, index) => {
		const [name] = onlyEntry(node);
		const at = `${path}[${index}].${name}`;
		if (node.batch) {
			const { exporter, ...batch } = node.batch;
			return toProcessor(exporter, toBatch(batch, at, problems), at, problems);
		}
		// one by one, but kept within the bounds of a queue while the collector is slow
		if (node.simple) {
			const each = { ...BATCH, maxExportBatchSize: 1, scheduleDelayMs: 0 };
			return toProcessor(node.simple.exporter, each, at, problems);
		}
		problems.add(at, 'is not served');
		return [];
	});
}

function toBatch(
	node: Omit<NonNullable<SpanProcessorConfigModel['batch']>, 'exporter'>,
	path: string,
	problems: Problems
): BatchSettings {
	problems.unserved(path, node, [
		'schedule_delay',
		'export_timeout',
		'max_queue_size',
		'max_export_batch_size'
	]);
	const maxQueueSize = node.max_queue_size ?? BATCH.maxQueueSize;
	const maxExportBatchSize = node.max_export_batch_size ?? BATCH.maxExportBatchSize;
	if (node.max_export_batch_size && maxExportBatchSize > maxQueueSize)
		problems.add(`${path}.max_export_batch_size`, `is more than max_queue_size (${maxQueueSize} is used)`);
	return {
		maxQueueSize,
		maxExportBatchSize: Math.min(maxExportBatchSize, maxQueueSize),
		scheduleDelayMs: node.schedule_delay ?? BATCH.scheduleDelayMs,
		exportTimeoutMs: toLimit(node.export_timeout, BATCH.exportTimeoutMs)
	};
}

function toProcessor(
	node: SpanExporterConfigModel,
	batch: BatchSettings,
	processor: string,
	problems: Problems
): ProcessorSettings[] {
	const [name] = onlyEntry(node);
	const path = `${processor}.exporter.${name}`;
	switch (name) {
		case 'console':
			return [{ exporter: 'console' }];
		case 'otlp_http':
			return [{ exporter: toHttp('traces', node.otlp_http ?? {}, path, problems), batch }];
		case 'otlp_grpc':
			return [{ exporter: toGrpc('traces', node.otlp_grpc ?? {}, path, problems), batch }];
		default:
			problems.add(path, 'is not served');
			return [];
	}
}
