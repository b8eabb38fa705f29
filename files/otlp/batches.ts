import type { BatchSettings } from '../config/batch.ts';
import type { OtlpSettings } from '../config/otlp.ts';
import type { Batch, Encoding, Item } from './batch.ts';
import { BatchQueue } from './batch-queue.ts';
import type { ExportHealth } from './export-health.ts';
import type { OtlpExporter } from './otlp-exporter.ts';
import { createDestination } from './destination.ts';
import type { Signal } from './signal.ts';
import type { Wording } from './wording.ts';

/** The class of the queue, or a subclass of it. */
type QueueClass<T extends Item, Q extends BatchQueue<T>> = new (
	batch: Batch<T>,
	exporter: OtlpExporter,
	settings: BatchSettings,
	health: ExportHealth
) => Q;

/** Options that depend on the signal. */
export interface BatchesOptions<T extends Item, Q extends BatchQueue<T>> {
	/** The encoding for the protocol. */
	encoding: Encoding<T>;
	wording: Wording;
	Queue: QueueClass<T, Q>;
	/** The `User-Agent` header. */
	userAgent: string;
}

/**
 * Creates the exporter of a signal whose items are sent in batches.
 *
 * @param otlp the settings of the OTLP exporter
 * @param settings the settings of the batch processor
 * @param options what depends on the signal
 */
export async function createBatches<T extends Item, Q extends BatchQueue<T>>(
	otlp: OtlpSettings,
	settings: BatchSettings,
	{ encoding, wording, Queue, userAgent }: BatchesOptions<T, Q>
): Promise<{ queue: Q; signal: Signal }> {
	const { description, exporter, health } = await createDestination(otlp, {
		decodeResponse: encoding.decodeResponse,
		userAgent,
		timeoutMs: Math.min(otlp.timeoutMs, settings.exportTimeoutMs),
		wording
	});
	const batch = encoding.createBatch((item, cause) =>
		health.unencodable(item.instrumentationScope.name, cause)
	);
	const queue = new Queue(batch, exporter, settings, health);
	return {
		queue,
		signal: {
			exporters: [description],
			flush: () => queue.forceFlush(),
			close: () => queue.shutdown(),
			drain: () => [
				{
					batches: [...exporter.unsent(), ...queue.drain()],
					unanswered: exporter.unanswered(),
					otlp,
					health
				}
			]
		}
	};
}
