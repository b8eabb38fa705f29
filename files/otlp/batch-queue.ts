import { context } from '@opentelemetry/api';
import { ExportResultCode, suppressTracing } from '@opentelemetry/core';
import type { BatchSettings } from '../config/batch.ts';
import type { Batch, EncodedBatch, Item } from './batch.ts';
import type { ExportHealth } from './export-health.ts';
import type { Exported, OtlpExporter } from './otlp-exporter.ts';

/**
 * Exports that may be under way at once. The SDK's own processor has one, which loses spans as soon as
 * the collector's answer takes longer than a batch takes to fill; the specification allows the waiting to
 * overlap, for an exporter is still called one batch after the other
 * (https://opentelemetry.io/docs/specs/otel/trace/sdk/#exportbatch). With sixteen, batches of 512 and answers in
 * 100 ms that is 80,000 spans a second, twice what a process on a whole core was seen to make.
 */
const MAX_CONCURRENT_EXPORTS = 16;

/**
 * Bytes of encoded items for each place in the queue, what is under way among them: 48 MiB with its default
 * size, so that the process grows by 64 MiB at most over HTTP; gRPC copies what is under way. Attribute values
 * have no limit by default, so a limit on the number of items alone would be none.
 */
const BYTES_PER_PLACE = 24 * 1024;

/** A batch is cut here, whatever its number of items: collectors take requests of 4 MiB, over gRPC, by default. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** What the queue needs of an exporter. */
type Exporter = Pick<OtlpExporter, 'export' | 'forceFlush' | 'shutdown'>;

/**
 * Gathers items into batches, and keeps `maxQueueSize` of them at most while they wait
 * (https://opentelemetry.io/docs/specs/otel/trace/sdk/#batching-processor).
 */
export class BatchQueue<T extends Item> {
	/** The batch that is being filled. */
	readonly #batch: Batch<T>;
	readonly #exporter: Exporter;
	readonly #settings: BatchSettings;
	readonly #health: ExportHealth;
	readonly #maxBytes: number;
	/** Full batches, while as many exports as may are under way. */
	readonly #waiting: EncodedBatch[] = [];
	#waitingItems = 0;
	readonly #underWay = new Set<Promise<void>>();
	/** What waits and what is under way. */
	#encodedBytes = 0;
	#timer: NodeJS.Timeout | undefined;
	#closed: Promise<void> | undefined;
	/** An item has found no room, and none has been made since. */
	#isOutOfBytes = false;

	constructor(batch: Batch<T>, exporter: Exporter, settings: BatchSettings, health: ExportHealth) {
		this.#batch = batch;
		this.#exporter = exporter;
		this.#settings = settings;
		this.#health = health;
		this.#maxBytes = settings.maxQueueSize * BYTES_PER_PLACE;
	}

	/** Whether the next item would be dropped, so that it need not be made. */
	get isFull(): boolean {
		return this.#isOutOfBytes || this.#waitingItems + this.#batch.count >= this.#settings.maxQueueSize;
	}

	/** Counts an item that has found no room, or comes when all is over. */
	drop(): void {
		if (this.#closed) this.#health.late();
		else this.#health.dropped(this.#settings.maxQueueSize);
	}

	/** Takes in what is to be exported. */
	add(item: T): void {
		if (this.#closed || this.isFull) return this.drop();
		if (!this.#gather(item)) {
			this.#isOutOfBytes = true;
			return this.drop();
		}
		const { maxExportBatchSize } = this.#settings;
		if (this.#batch.count >= maxExportBatchSize || this.#batch.bytes >= MAX_BATCH_BYTES) this.#complete();
		this.#schedule();
	}

	/** Exports what waits now, and waits for all that is under way. */
	async forceFlush(): Promise<void> {
		await this.#exporter.forceFlush();
		this.#complete();
		while (this.#waiting.length > 0) {
			if (this.#underWay.size < MAX_CONCURRENT_EXPORTS) this.#exportOldest();
			else await Promise.race(this.#underWay);
		}
		await Promise.all(this.#underWay);
	}

	/** Ends everything under way, at once, and tells what is lost. A second call returns the first promise. */
	shutdown(): Promise<void> {
		return (this.#closed ??= this.#close());
	}

	/** Takes all batches that wait, for whoever can still do something with them. */
	drain(): EncodedBatch[] {
		this.#closed ??= Promise.resolve();
		this.#complete();
		this.#waitingItems = 0;
		return this.#waiting.splice(0);
	}

	async #close(): Promise<void> {
		clearTimeout(this.#timer);
		await this.#exporter.shutdown();
		// each of them fails now and is counted
		await Promise.all(this.#underWay);
		const left = this.drain();
		this.#health.close(left.reduce((sum, { count }) => sum + count, 0));
	}

	/** An item goes into the batch, or into the next where a collector would find this one too large. */
	#gather(item: T): boolean {
		const room = this.#maxBytes - this.#encodedBytes - this.#batch.bytes;
		if (this.#batch.count === 0) return this.#batch.add(item, room);
		if (this.#batch.add(item, Math.min(room, MAX_BATCH_BYTES - this.#batch.bytes))) return true;
		this.#complete();
		return this.#batch.add(item, this.#maxBytes - this.#encodedBytes);
	}

	/** The batch is as it will be sent, and the next one begins. */
	#complete(): void {
		const batch = this.#batch.take();
		if (!batch) return;
		this.#waiting.push(batch);
		this.#waitingItems += batch.count;
		this.#encodedBytes += batch.body.buffer.byteLength;
	}

	/** A full batch goes at once, a part of one in its time. */
	#schedule(): void {
		if (this.#waiting.length > 0) this.#exportNext();
		else if (this.#batch.count > 0) {
			this.#timer ??= setTimeout(() => this.#exportNext(), this.#settings.scheduleDelayMs).unref();
		}
	}

	/** Exports a batch if another export may begin; one that ends schedules the next itself. */
	#exportNext(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		if (this.#underWay.size >= this.#concurrency()) return;
		if (this.#waiting.length === 0) this.#complete();
		this.#exportOldest();
	}

	/** One export at a time while the collector fails: it shall not meet a crowd when it is back. */
	#concurrency(): number {
		return this.#health.failing ? 1 : MAX_CONCURRENT_EXPORTS;
	}

	#exportOldest(): void {
		const batch = this.#waiting.shift();
		if (!batch) return;
		this.#waitingItems -= batch.count;
		const ended = this.#export(batch).then(() => {
			this.#underWay.delete(ended);
			if (!this.#closed) this.#schedule();
		});
		this.#underWay.add(ended);
	}

	async #export(batch: EncodedBatch): Promise<void> {
		const { body, count } = batch;
		// the exporter's own requests make no spans
		const exported = context.with(suppressTracing(context.active()), () => this.#exporter.export(batch));
		const { code, error, isInUse } = await exported.catch((cause): Exported => ({
			code: FAILED,
			error: cause
		}));
		this.#encodedBytes -= body.buffer.byteLength;
		this.#isOutOfBytes = false;
		if (code === FAILED) return this.#health.failed(error ?? new Error('export failed'), count);
		this.#health.succeeded();
		if (!isInUse) this.#batch.reuse(body);
	}
}

const { FAILED } = ExportResultCode;
