import type {
	LogRecordExporterConfigModel,
	LogRecordProcessorConfigModel,
	SpanExporterConfigModel,
	SpanProcessorConfigModel
} from '@opentelemetry/configuration';
import { type BatchSettings, type BatchVariables, LOG_BATCH, SPAN_BATCH } from '../batch.ts';
import type { ProcessorSettings } from '../settings.ts';
import { toGrpc, toHttp } from './otlp.ts';
import { type Problems, onlyEntry } from './problems.ts';
import { toDelay, toLimit } from './timeout.ts';

/** The signals that have the same kinds of processors. */
type BatchedSignal = 'traces' | 'logs';

type Processor = SpanProcessorConfigModel | LogRecordProcessorConfigModel;

type Exporter = SpanExporterConfigModel | LogRecordExporterConfigModel;

const fallbacks = (variables: BatchVariables): BatchSettings => ({
	maxQueueSize: variables.maxQueueSize.fallback,
	maxExportBatchSize: variables.maxExportBatchSize.fallback,
	scheduleDelayMs: variables.scheduleDelay.fallback,
	exportTimeoutMs: variables.exportTimeout.fallback
});

/** The schema has the same defaults as the environment variables. */
const DEFAULTS: Record<BatchedSignal, BatchSettings> = {
	traces: fallbacks(SPAN_BATCH),
	logs: fallbacks(LOG_BATCH)
};

/**
 * The processors of a configuration file. Mirrors `createSpanProcessorFromConfig` and
 * `createLogRecordProcessorFromConfig` of `@opentelemetry/sdk-node`, which throw where this records a problem.
 */
export function toProcessors(
	signal: BatchedSignal,
	nodes: readonly Processor[],
	path: string,
	problems: Problems
): ProcessorSettings[] {
	return nodes.flatMap((node, index) => {
		const [name] = onlyEntry(node);
		const at = `${path}[${index}].${name}`;
		if (node.batch) {
			const { exporter, ...batch } = node.batch;
			return toProcessor(signal, exporter, toBatch(signal, batch, at, problems), at, problems);
		}
		// exported one by one, but with a limited queue while the collector is slow
		if (node.simple) {
			const each = { ...DEFAULTS[signal], maxExportBatchSize: 1, scheduleDelayMs: 0 };
			return toProcessor(signal, node.simple.exporter, each, at, problems);
		}
		problems.add(at, 'is not supported');
		return [];
	});
}

function toBatch(
	signal: BatchedSignal,
	node: Omit<NonNullable<Processor['batch']>, 'exporter'>,
	path: string,
	problems: Problems
): BatchSettings {
	problems.addUnsupported(path, node, [
		'schedule_delay',
		'export_timeout',
		'max_queue_size',
		'max_export_batch_size'
	]);
	const defaults = DEFAULTS[signal];
	const maxQueueSize = node.max_queue_size ?? defaults.maxQueueSize;
	const maxExportBatchSize = node.max_export_batch_size ?? defaults.maxExportBatchSize;
	if (node.max_export_batch_size && maxExportBatchSize > maxQueueSize)
		problems.add(`${path}.max_export_batch_size`, `is more than max_queue_size (${maxQueueSize} is used)`);
	return {
		maxQueueSize,
		maxExportBatchSize: Math.min(maxExportBatchSize, maxQueueSize),
		scheduleDelayMs: toDelay(node.schedule_delay, defaults.scheduleDelayMs),
		exportTimeoutMs: toLimit(node.export_timeout, defaults.exportTimeoutMs)
	};
}

function toProcessor(
	signal: BatchedSignal,
	node: Exporter,
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
			return [{ exporter: toHttp(signal, node.otlp_http ?? {}, path, problems), batch }];
		case 'otlp_grpc':
			return [{ exporter: toGrpc(signal, node.otlp_grpc ?? {}, path, problems), batch }];
		default:
			problems.add(path, 'is not supported');
			return [];
	}
}
