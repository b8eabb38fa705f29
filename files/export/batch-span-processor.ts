import { type Context, TraceFlags, context } from '@opentelemetry/api';
import { ExportResultCode, suppressTracing } from '@opentelemetry/core';
import type { ReadableSpan, Span, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { BatchSettings } from '../configure/settings.ts';
import type { ExportHealth } from './export-health.ts';
import type { Exported } from './otlp-exporter.ts';
import { sizeOf } from './span-size.ts';

/**
 * Exports that may be under way at once. The SDK's own processor has one, which loses spans as soon as
 * the collector's answer takes longer than a batch takes to fill; the specification allows the waiting to
 * overlap, for an exporter is still called one batch after the other
 * (https://opentelemetry.io/docs/specs/otel/trace/sdk/#exportbatch). With sixteen, batches of 512 and answers in
 * 100 ms that is 80,000 spans a second, twice what a process on a whole core was seen to make.
 */
const MAX_CONCURRENT_EXPORTS = 16;

/**
 * Memory for each place in the queue: 64 MiB with its default size. Attribute values have no limit by
 * default, so a limit on the number of spans alone would be none. What is under way counts too.
 */
const BYTES_PER_PLACE = 32 * 1024;

/** A batch is cut here, whatever its number of spans: collectors take requests of 4 MiB, over gRPC, by default. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Gathers ended spans into batches, and keeps `maxQueueSize` of them at most while they wait
 * (https://opentelemetry.io/docs/specs/otel/trace/sdk/#batching-processor).
 */
export class BatchSpanProcessor implements SpanProcessor {
	readonly #exporter: SpanExporter;
	readonly #settings: BatchSettings;
	readonly #health: ExportHealth;
	readonly #underWay = new Set<Promise<void>>();
	readonly #maxBytes: number;
	#queue: ReadableSpan[] = [];
	/** The size of each span in the queue. */
	#sizes: number[] = [];
	#queuedBytes = 0;
	#underWayBytes = 0;
	#timer: NodeJS.Timeout | undefined;
	#closed: Promise<void> | undefined;

	constructor(exporter: SpanExporter, settings: BatchSettings, health: ExportHealth) {
		this.#exporter = exporter;
		this.#settings = settings;
		this.#health = health;
		this.#maxBytes = settings.maxQueueSize * BYTES_PER_PLACE;
	}

	onStart(_span: Span, _parent: Context): void {}

	onEnd(span: ReadableSpan): void {
		if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
		if (this.#closed) return this.#health.late();

		const size = sizeOf(span);
		if (
			this.#queue.length >= this.#settings.maxQueueSize ||
			this.#queuedBytes + this.#underWayBytes + size > this.#maxBytes
		) {
			return this.#health.dropped();
		}
		this.#queue.push(span);
		this.#sizes.push(size);
		this.#queuedBytes += size;
		this.#schedule();
	}

	/** Exports what waits now, and waits for all that is under way. */
	async forceFlush(): Promise<void> {
		await this.#exporter.forceFlush?.();
		while (this.#queue.length > 0) {
			if (this.#underWay.size < MAX_CONCURRENT_EXPORTS) this.#exportBatch();
			else await Promise.race(this.#underWay);
		}
		await Promise.all(this.#underWay);
	}

	/** Ends everything under way, at once, and tells what is lost. A second call returns the first promise. */
	shutdown(): Promise<void> {
		return (this.#closed ??= this.#close());
	}

	/** Takes all spans that wait, batch by batch, for whoever can still do something with them. */
	*drain(): Generator<ReadableSpan[]> {
		this.#closed ??= Promise.resolve();
		while (this.#queue.length > 0) yield this.#take().spans;
	}

	async #close(): Promise<void> {
		clearTimeout(this.#timer);
		await this.#exporter.shutdown();
		// each of them fails now and is counted
		await Promise.all(this.#underWay);
		this.#health.close(this.#queue.length);
		this.#queue = [];
		this.#sizes = [];
	}

	/** A full batch goes at once, a part of one in its time. */
	#schedule(): void {
		const isFull =
			this.#queue.length >= this.#settings.maxExportBatchSize || this.#queuedBytes >= MAX_BATCH_BYTES;
		if (!isFull) {
			this.#timer ??= setTimeout(() => this.#exportNext(), this.#settings.scheduleDelayMs).unref();
		} else {
			this.#exportNext();
		}
	}

	/** Exports a batch if another export may begin; one that ends schedules the next itself. */
	#exportNext(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		if (this.#underWay.size < this.#concurrency()) this.#exportBatch();
	}

	/** One export at a time while the collector fails: it shall not meet a crowd when it is back. */
	#concurrency(): number {
		return this.#health.failing ? 1 : MAX_CONCURRENT_EXPORTS;
	}

	#exportBatch(): void {
		if (this.#queue.length === 0) return;

		const { spans, bytes } = this.#take();
		this.#underWayBytes += bytes;
		this.#export(spans, this.#expectResult(spans.length, bytes));
	}

	/** What ends an export, once. Made apart from the spans, which it must not keep alive. */
	#expectResult(count: number, bytes: number): (result: Exported) => void {
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#underWay.add(promise);
		const done = ({ code, error, leftOut = 0 }: Exported): void => {
			if (!this.#underWay.delete(promise)) return;
			clearTimeout(limit);
			this.#underWayBytes -= bytes;
			const sent = count - leftOut;
			if (code !== ExportResultCode.SUCCESS) this.#health.failed(error ?? new Error('export failed'), sent);
			else if (sent > 0) this.#health.succeeded();
			resolve();
			if (!this.#closed && this.#queue.length > 0) this.#schedule();
		};
		const { exportTimeoutMs } = this.#settings;
		const limit = setTimeout(
			() => done(failure(new Error(`no result within ${exportTimeoutMs} ms`))),
			exportTimeoutMs
		).unref();
		return done;
	}

	#export(spans: ReadableSpan[], done: (result: Exported) => void): void {
		// the exporter's own requests make no spans
		context.with(suppressTracing(context.active()), () => {
			try {
				this.#exporter.export(spans, done);
			} catch (error) {
				// not at once: it would begin the next export inside this one
				queueMicrotask(() => done(failure(error instanceof Error ? error : new Error(String(error)))));
			}
		});
	}

	/** The next batch off the queue: at least one span, whatever its size. */
	#take(): { spans: ReadableSpan[]; bytes: number } {
		const { maxExportBatchSize } = this.#settings;
		let bytes = 0;
		let count = 0;
		while (count < this.#queue.length && count < maxExportBatchSize) {
			const size = this.#sizes[count]!;
			if (count > 0 && bytes + size > MAX_BATCH_BYTES) break;
			bytes += size;
			count++;
		}
		this.#queuedBytes -= bytes;
		this.#sizes.splice(0, count);
		return { spans: this.#queue.splice(0, count), bytes };
	}
}

const failure = (error: Error): Exported => ({ code: ExportResultCode.FAILED, error });
