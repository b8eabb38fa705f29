import { type Context, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { BatchQueue } from '../otlp/batch-queue.ts';

/** Exports ended and sampled spans in batches. */
export class BatchSpanProcessor extends BatchQueue<ReadableSpan> implements SpanProcessor {
	onStart(_span: Span, _parent: Context): void {}

	onEnd(span: ReadableSpan): void {
		if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.add(span);
	}
}
