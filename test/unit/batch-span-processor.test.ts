import { type Attributes, SpanKind, TraceFlags, context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BatchSpanProcessor } from '../../files/traces/batch-span-processor.ts';
import type { Exported } from '../../files/otlp/otlp-exporter.ts';
import { encoding } from '../../files/traces/spans-protobuf.ts';
import type { EncodedBatch } from '../../files/otlp/batch.ts';
import { ExportHealth } from '../../files/otlp/export-health.ts';
import { wordingOfSpans } from '../../files/traces/wording.ts';
import { createTarget } from './support/export-target.ts';
import { captureStderr } from './support/stderr.ts';

const settings = {
	maxQueueSize: 100,
	maxExportBatchSize: 10,
	scheduleDelayMs: 5000,
	exportTimeoutMs: 30_000
};

const FAILURE = new Error('it answers 503');

class FakeExporter {
	readonly sizes: number[] = [];
	readonly memory: ArrayBufferLike[] = [];
	readonly underWay: ((result: Exported) => void)[] = [];

	export({ body, count }: EncodedBatch): Promise<Exported> {
		this.sizes.push(count);
		this.memory.push(body.buffer);
		return new Promise((resolve) => this.underWay.push(resolve));
	}

	/** Resolves when the answer is known. */
	async answer(error?: Error, isInUse = false): Promise<void> {
		this.underWay.shift()?.({ error, isInUse });
		await vi.advanceTimersByTimeAsync(0);
	}

	async forceFlush(): Promise<void> {}

	async shutdown(): Promise<void> {
		for (const done of this.underWay.splice(0)) done({ error: FAILURE });
	}
}

let exporter: FakeExporter;
let health: ExportHealth;
let processor: BatchSpanProcessor;
const written = captureStderr();

beforeEach(() => {
	vi.useFakeTimers();
	exporter = new FakeExporter();
	health = new ExportHealth(createTarget(), wordingOfSpans(settings.maxQueueSize));
	processor = createProcessor();
});

afterEach(() => {
	vi.useRealTimers();
});

const createProcessor = (overrides: Partial<typeof settings> = {}): BatchSpanProcessor =>
	new BatchSpanProcessor(
		encoding.createBatch(() => {}),
		exporter,
		{ ...settings, ...overrides },
		health
	);

const resource = resourceFromAttributes({});
const instrumentationScope = { name: 'sveltekit' };

function end(count: number, attributes: Attributes = {}, traceFlags = TraceFlags.SAMPLED): void {
	for (let index = 0; index < count; index++) {
		processor.onEnd({
			name: 'GET /',
			kind: SpanKind.SERVER,
			spanContext: () => ({
				traceId: '0af7651916cd43dd8448eb211c80319c',
				spanId: 'b7ad6b7169203331',
				traceFlags
			}),
			startTime: [1, 0],
			endTime: [2, 0],
			resource,
			instrumentationScope,
			attributes,
			events: [],
			links: [],
			status: { code: 0 }
		} as unknown as ReadableSpan);
	}
}

test('exports a full batch at once and a partial batch after the schedule delay', async () => {
	end(13);
	expect(exporter.sizes).toEqual([10]);
	await vi.advanceTimersByTimeAsync(settings.scheduleDelayMs);
	expect(exporter.sizes).toEqual([10, 3]);
});

test('ignores unsampled spans', async () => {
	end(20, {}, TraceFlags.NONE);
	await processor.forceFlush();
	expect(exporter.sizes).toEqual([]);
});

test('suppresses tracing during an export, so that it creates no spans', async () => {
	const contextManager = new AsyncLocalStorageContextManager().enable();
	context.setGlobalContextManager(contextManager);
	const seen: boolean[] = [];
	vi.spyOn(exporter, 'export').mockImplementation(async () => {
		seen.push(isTracingSuppressed(context.active()));
		return { error: undefined };
	});
	end(1);
	await processor.forceFlush();
	context.disable();
	expect(seen).toEqual([true]);
});

test('has at most sixteen exports in progress, and starts the next when one ends', async () => {
	end(200);
	expect(exporter.sizes).toHaveLength(16);
	await exporter.answer();
	expect(exporter.sizes).toHaveLength(17);
});

test('has one export in progress while the collector fails', async () => {
	end(10);
	await exporter.answer(FAILURE);
	end(50);
	expect(exporter.sizes).toHaveLength(2);
	// the timer of a part of a batch changes nothing about it
	end(5);
	await vi.advanceTimersByTimeAsync(settings.scheduleDelayMs);
	expect(exporter.sizes).toHaveLength(2);
	await exporter.answer();
	expect(exporter.sizes.length).toBeGreaterThan(2);
});

test('drops and counts spans when the queue is full', () => {
	// sixteen batches are under way, one hundred spans wait
	end(160 + 100 + 7);
	expect(health.lost).toBe(7);
	expect(written.join('')).toMatch(/spans are dropped/);
});

test('limits the bytes in the queue, for spans of any size', async () => {
	const text = 'x'.repeat(200_000);
	end(50, { text });
	// 100 places of 24 KiB are 2.5 MB, a span of these 0.2 MB
	expect(health.lost).toBe(50 - 12);
	// a batch of ten has arrived, two wait
	await exporter.answer();
	end(9, { text });
	expect(health.lost).toBe(50 - 12);
});

test('splits a batch that would be too large for a collector', () => {
	processor = createProcessor({ maxQueueSize: 2048, maxExportBatchSize: 512 });
	// 0.32 MB each, and 4 MiB at most
	end(30, { text: 'x'.repeat(320_000) });
	expect(exporter.sizes).toEqual([13, 13]);
});

test('sends a span that is larger than a batch in a batch of its own', () => {
	processor = createProcessor({ maxQueueSize: 2048 });
	end(1, { text: 'x'.repeat(6_000_000) });
	expect(exporter.sizes).toEqual([1]);
});

test.each([
	['is delivered', undefined, false, true],
	['is lost', FAILURE, false, false],
	['is still being sent', undefined, true, false]
])('the memory of a batch is used again, or not, when it %s', async (_, error, isInUse, isUsedAgain) => {
	end(10);
	await exporter.answer(error, isInUse);
	end(10);
	expect(exporter.memory[1] === exporter.memory[0]).toBe(isUsedAgain);
});

test('continues after an exporter throws', async () => {
	exporter.export = async () => {
		throw new Error('broken');
	};
	end(100);
	await processor.forceFlush();
	expect(health.lost).toBe(100);
});

test('flushes all queued spans, and resolves when they have been exported', async () => {
	end(5);
	const flushed = processor.forceFlush();
	await vi.advanceTimersByTimeAsync(0);
	expect(exporter.sizes).toEqual([5]);
	await exporter.answer();
	await flushed;
});

test('counts at shutdown the spans in progress, in the queue and after it', async () => {
	end(80 + 4);
	await processor.shutdown();
	expect(health.lost).toBe(84);
	expect(written.at(-1)).toMatch(/84 spans lost in all/);
	end(1);
	expect(health.lost).toBe(85);
	expect(written.at(-1)).toMatch(/came after the last export/);
});

test('drained batches are no longer in the queue', async () => {
	end(5);
	expect(processor.drain().map(({ count }) => count)).toEqual([5]);
	await processor.shutdown();
	// nothing is left to be lost
	expect(health.lost).toBe(0);
	expect(written).toEqual([]);
});
