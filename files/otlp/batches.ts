import type { BatchSettings } from '../config/batch.ts';
import type { OtlpSettings } from '../config/otlp.ts';
import type { Batch, Encoding, Item } from './batch.ts';
import { BatchQueue } from './batch-queue.ts';
import type { ExportHealth } from './export-health.ts';
import type { OtlpExporter } from './otlp-exporter.ts';
import { createOutlet } from './outlet.ts';
import type { Signal } from './signal.ts';
import type { Wording } from './wording.ts';

/** What takes items in: the queue itself, or one with more to it. */
type QueueClass<T extends Item, Q extends BatchQueue<T>> = new (
	batch: Batch<T>,
	exporter: OtlpExporter,
	settings: BatchSettings,
	health: ExportHealth
) => Q;

/** What depends on the signal. */
export interface BatchesOptions<T extends Item, Q extends BatchQueue<T>> {
	/** In the form of the protocol. */
	encoding: Encoding<T>;
	wording: Wording;
	Queue: QueueClass<T, Q>;
	/** Who sends. */
	userAgent: string;
}

/**
 * Makes a way out for a signal whose items go in batches.
 *
 * @param otlp where and how
 * @param settings of the batches
 * @param options what depends on the signal
 */
export async function createBatches<T extends Item, Q extends BatchQueue<T>>(
	otlp: OtlpSettings,
	settings: BatchSettings,
	{ encoding, wording, Queue, userAgent }: BatchesOptions<T, Q>
): Promise<{ queue: Q; signal: Signal }> {
	const { description, exporter, health } = await createOutlet(otlp, {
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
			leave: () => [{ batches: [...exporter.unsent(), ...queue.drain()], otlp, health }]
		}
	};
}
