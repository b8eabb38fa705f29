import { type ExportResult, ExportResultCode, hrTimeToMilliseconds } from '@opentelemetry/core';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
	type ReadableSpan,
	SimpleSpanProcessor,
	type SpanExporter,
	type SpanProcessor
} from '@opentelemetry/sdk-trace';
import { write } from '../diagnostics/write.ts';

/** Writes each span as one line of JSON to stdout, for use without a collector. */
export function createConsoleProcessor(): SpanProcessor {
	return new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() });
}

class ConsoleSpanExporter implements SpanExporter {
	export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
		for (const span of spans) write(process.stdout, `${JSON.stringify(toLine(span))}\n`);
		done({ code: ExportResultCode.SUCCESS });
	}

	async shutdown(): Promise<void> {}
}

function toLine(span: ReadableSpan): Record<string, unknown> {
	const { traceId, spanId } = span.spanContext();
	return {
		name: span.name,
		kind: SpanKind[span.kind],
		traceId,
		spanId,
		parentSpanId: span.parentSpanContext?.spanId,
		startTime: new Date(hrTimeToMilliseconds(span.startTime)).toISOString(),
		durationMs: hrTimeToMilliseconds(span.duration),
		status: SpanStatusCode[span.status.code],
		attributes: span.attributes,
		...(span.events.length > 0 && {
			events: span.events.map(({ name, attributes }) => ({ name, attributes }))
		}),
		...(span.links.length > 0 && { links: span.links.map(({ context }) => context) })
	};
}
