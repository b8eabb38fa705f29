import { type Context, TraceFlags, context } from '@opentelemetry/api';
import { ExportResultCode, suppressTracing } from '@opentelemetry/core';
import type { ReadableSpan, Span, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { BatchSettings } from '../configure/settings.ts';
import type { ExportHealth } from './export-health.ts';

/**
 * Exports that may be under way at once. The SDK's own processor has one, which loses spans as soon as
 * the collector's answer takes longer than a batch takes to fill; the specification allows the waiting to
 * overlap, for an exporter is still called one batch after the other
 * (https://opentelemetry.io/docs/specs/otel/trace/sdk/#exportbatch).
 */
const MAX_CONCURRENT_EXPORTS = 8;

/**
 * Gathers ended spans into batches, and keeps `maxQueueSize` of them at most while they wait
 * (https://opentelemetry.io/docs/specs/otel/trace/sdk/#batching-processor).
 */
export class BatchSpanProcessor implements SpanProcessor {
	readonly #exporter: SpanExporter;
	readonly #settings: BatchSettings;
	readonly #health: ExportHealth;
	readonly #underWay = new Set<Promise<void>>();
	#queue: ReadableSpan[] = [];
	#timer: NodeJS.Timeout | undefined;
	#shutdown: Promise<void> | undefined;

	constructor(exporter: SpanExporter, settings: BatchSettings, health: ExportHealth) {
		this.#exporter = exporter;
		this.#settings = settings;
		this.#health = health;
	}

	onStart(_span: Span, _parent: Context): void {}

	onEnd(span: ReadableSpan): void {
		if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
		if (this.#shutdown !== undefined || this.#queue.length >= this.#settings.maxQueueSize) {
			this.#health.dropped();
			return;
		}
		this.#queue.push(span);

		if (this.#queue.length >= this.#settings.maxExportBatchSize) {
			if (this.#underWay.size < this.#concurrency()) this.#exportBatch();
		} else {
			this.#timer ??= setTimeout(() => this.#exportBatch(), this.#settings.scheduleDelayMs).unref();
		}
	}

	/** Exports what waits now, and waits for all that is under way. */
	async forceFlush(): Promise<void> {
		while (this.#queue.length > 0) {
			if (this.#underWay.size < MAX_CONCURRENT_EXPORTS) this.#exportBatch();
			else await Promise.race(this.#underWay);
		}
		await Promise.all(this.#underWay);
	}

	/** The last flush; spans that end later are dropped. A second call returns the first promise. */
	shutdown(): Promise<void> {
		this.#shutdown ??= this.forceFlush().then(() => this.#exporter.shutdown());
		return this.#shutdown;
	}

	/** How many spans are held: waiting, for the figures of the last message. */
	get waiting(): number {
		return this.#queue.length;
	}

	/** One export at a time while the collector fails: it shall not meet a crowd when it is back. */
	#concurrency(): number {
		return this.#health.failing ? 1 : MAX_CONCURRENT_EXPORTS;
	}

	#exportBatch(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const spans = this.#take();
		if (spans.length === 0) return;

		const { promise, resolve } = Promise.withResolvers<void>();
		this.#underWay.add(promise);
		let settled = false;
		const settle = (error?: Error): void => {
			if (settled) return;
			settled = true;
			clearTimeout(limit);
			if (error) this.#health.failed(error, count);
			else this.#health.succeeded();
			this.#underWay.delete(promise);
			resolve();
			this.#next();
		};
		const count = spans.length;
		const limit = setTimeout(
			() => settle(new Error(`no result within ${this.#settings.exportTimeoutMs} ms`)),
			this.#settings.exportTimeoutMs
		).unref();

		// the exporter's own requests make no spans
		context.with(suppressTracing(context.active()), () => {
			try {
				this.#exporter.export(spans, ({ code, error }) =>
					settle(code === ExportResultCode.SUCCESS ? undefined : (error ?? new Error('export failed')))
				);
			} catch (error) {
				settle(error instanceof Error ? error : new Error(String(error)));
			}
		});
	}

	#take(): ReadableSpan[] {
		const { maxExportBatchSize } = this.#settings;
		if (this.#queue.length > maxExportBatchSize) return this.#queue.splice(0, maxExportBatchSize);
		const spans = this.#queue;
		this.#queue = [];
		return spans;
	}

	/** After an export: the next full batch at once, a part of one in its time. */
	#next(): void {
		if (this.#queue.length >= this.#settings.maxExportBatchSize) {
			if (this.#underWay.size < this.#concurrency()) this.#exportBatch();
		} else if (this.#queue.length > 0) {
			this.#timer ??= setTimeout(() => this.#exportBatch(), this.#settings.scheduleDelayMs).unref();
		}
	}
}
