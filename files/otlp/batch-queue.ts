import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { BatchSettings } from '../config/batch.ts';
import type { Batch, EncodedBatch, Item } from './batch.ts';
import type { ExportHealth } from './export-health.ts';
import type { Exported, OtlpExporter } from './otlp-exporter.ts';

/**
 * Maximum number of concurrent exports. The SDK's own processor allows one, and loses spans as soon as a response
 * takes longer than filling a batch. The specification allows the waiting to overlap, because the exporter is
 * still called for one batch after the other (https://opentelemetry.io/docs/specs/otel/trace/sdk/#exportbatch).
 * With 16 exports, batches of 512 and responses in 100 ms the limit is 80,000 spans per second: twice what a
 * process on a full core produced in tests.
 */
const MAX_CONCURRENT_EXPORTS = 16;

/**
 * Maximum encoded bytes per place in the queue, including exports in progress. With the default queue size this
 * is 48 MiB, so that the process grows by at most 64 MiB over HTTP; gRPC copies the bodies in progress. Attribute
 * values are not limited by default, so a limit on the number of items alone does not limit the memory.
 */
const BYTES_PER_PLACE = 24 * 1024;

/** Maximum size of a batch, independent of its number of items: collectors accept 4 MiB over gRPC by default. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** The part of an exporter that the queue uses. */
type Exporter = Pick<OtlpExporter, 'export' | 'forceFlush' | 'shutdown'>;

/**
 * Collects items into batches, and queues at most `maxQueueSize` of them
 * (https://opentelemetry.io/docs/specs/otel/trace/sdk/#batching-processor).
 */
export class BatchQueue<T extends Item> {
	/** The batch that is being filled. */
	readonly #batch: Batch<T>;
	readonly #exporter: Exporter;
	readonly #settings: BatchSettings;
	readonly #health: ExportHealth;
	readonly #maxBytes: number;
	/** Full batches that wait because the maximum number of exports is in progress. */
	readonly #waiting: EncodedBatch[] = [];
	#waitingItems = 0;
	readonly #inProgress = new Set<Promise<void>>();
	/** Encoded bytes of all waiting batches and all exports in progress. */
	#encodedBytes = 0;
	#timer: NodeJS.Timeout | undefined;
	#closed: Promise<void> | undefined;
	/** An item was dropped because of the byte limit, and no memory was released since. */
	#isOutOfBytes = false;

	constructor(batch: Batch<T>, exporter: Exporter, settings: BatchSettings, health: ExportHealth) {
		this.#batch = batch;
		this.#exporter = exporter;
		this.#settings = settings;
		this.#health = health;
		this.#maxBytes = settings.maxQueueSize * BYTES_PER_PLACE;
	}

	/** Whether the next item would be dropped, so that callers can skip creating it. */
	get isFull(): boolean {
		return this.#isOutOfBytes || this.#waitingItems + this.#batch.count >= this.#settings.maxQueueSize;
	}

	/** Counts an item that was dropped because the queue is full or shut down. */
	drop(): void {
		if (this.#closed) this.#health.late();
		else this.#health.dropped();
	}

	/** Adds an item to the queue. */
	add(item: T): void {
		if (this.#closed || this.isFull) return this.drop();
		if (!this.#addToBatch(item)) {
			this.#isOutOfBytes = true;
			return this.drop();
		}
		const { maxExportBatchSize } = this.#settings;
		if (this.#batch.count >= maxExportBatchSize || this.#batch.bytes >= MAX_BATCH_BYTES) this.#complete();
		this.#schedule();
	}

	/** Exports all queued items, and waits for the exports in progress. */
	async forceFlush(): Promise<void> {
		await this.#exporter.forceFlush();
		this.#complete();
		while (this.#waiting.length > 0) {
			if (this.#inProgress.size < MAX_CONCURRENT_EXPORTS) this.#exportOldest();
			else await Promise.race(this.#inProgress);
		}
		await Promise.all(this.#inProgress);
	}

	/** Stops all exports immediately, and logs what is lost. A second call returns the first promise. */
	shutdown(): Promise<void> {
		return (this.#closed ??= this.#close());
	}

	/** Removes all waiting batches from the queue and returns them, for the last export of the process. */
	drain(): EncodedBatch[] {
		this.#closed ??= Promise.resolve();
		this.#complete();
		return this.#waiting.splice(0);
	}

	async #close(): Promise<void> {
		clearTimeout(this.#timer);
		await this.#exporter.shutdown();
		// each of them fails now and is counted as lost
		await Promise.all(this.#inProgress);
		const left = this.drain();
		this.#health.close(left.reduce((sum, { count }) => sum + count, 0));
	}

	/** Adds the item to the batch, or to the next one if this batch would exceed the maximum size. */
	#addToBatch(item: T): boolean {
		const spareBytes = this.#maxBytes - this.#encodedBytes - this.#batch.bytes;
		if (this.#batch.count === 0) return this.#batch.add(item, spareBytes);
		if (this.#batch.add(item, Math.min(spareBytes, MAX_BATCH_BYTES - this.#batch.bytes))) return true;
		this.#complete();
		return this.#batch.add(item, this.#maxBytes - this.#encodedBytes);
	}

	/** Completes the current batch and begins the next one. */
	#complete(): void {
		const batch = this.#batch.take();
		if (!batch) return;
		this.#waiting.push(batch);
		this.#waitingItems += batch.count;
		this.#encodedBytes += batch.body.buffer.byteLength;
	}

	/** Exports a full batch immediately, and a partial batch after the schedule delay. */
	#schedule(): void {
		if (this.#waiting.length > 0) this.#exportNext();
		else if (this.#batch.count > 0) {
			this.#timer ??= setTimeout(() => this.#exportNext(), this.#settings.scheduleDelayMs).unref();
		}
	}

	/** Starts an export if the limit allows another one; each export that ends calls this again. */
	#exportNext(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		if (this.#inProgress.size >= this.#concurrency()) return;
		if (this.#waiting.length === 0) this.#complete();
		this.#exportOldest();
	}

	/** One export at a time while the collector fails, so that it is not overloaded when it recovers. */
	#concurrency(): number {
		return this.#health.failing ? 1 : MAX_CONCURRENT_EXPORTS;
	}

	#exportOldest(): void {
		const batch = this.#waiting.shift();
		if (!batch) return;
		this.#waitingItems -= batch.count;
		const ended = this.#export(batch).then(() => {
			this.#inProgress.delete(ended);
			if (!this.#closed) this.#schedule();
		});
		this.#inProgress.add(ended);
	}

	async #export(batch: EncodedBatch): Promise<void> {
		const { body, count } = batch;
		// suppress tracing: the exporter's own requests must not create spans
		const exported = context.with(suppressTracing(context.active()), () => this.#exporter.export(batch));
		const { error, isInUse, isRefused } = await exported.catch((cause): Exported => ({ error: cause }));
		this.#encodedBytes -= body.buffer.byteLength;
		this.#isOutOfBytes = false;
		if (error) return this.#health.failed(error, count, isRefused);
		this.#health.succeeded();
		if (!isInUse) this.#batch.reuse(body);
	}
}
