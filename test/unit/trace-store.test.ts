import { SpanKind } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { beforeEach, describe, expect, test } from 'vitest';
import { TraceStore } from '../../files/dev/trace-store.ts';

let store: TraceStore;
let tracer: ReturnType<TracerProvider['getTracer']>;

beforeEach(() => {
	store = new TraceStore();
	const exported = new SimpleSpanProcessor({ exporter: new InMemorySpanExporter() });
	tracer = new TracerProvider({ spanProcessors: [store, exported] }).getTracer('app');
});

/** A trace of one SERVER span. */
function trace(attributes = {}): string {
	const span = tracer.startSpan('GET /', { kind: SpanKind.SERVER, attributes, root: true });
	span.end();
	return span.spanContext().traceId;
}

/** What the page reads of a trace. */
const read = (id: string) =>
	JSON.parse(store.read(id)!) as { spans: { name: string; attributes: Record<string, string> }[] };

describe('the traces of the page', () => {
	test('are the latest in number and size, however much has come before', () => {
		// 64 million characters in all, of which half are kept
		const text = 'x'.repeat(8000);
		const attributes = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`a${index}`, text]));
		for (let index = 0; index < 80; index++) trace(attributes);
		const large = store.summaries().length;
		expect(large).toBeGreaterThan(35);
		expect(large).toBeLessThan(45);
		// the large ones make room for small ones
		for (let index = 0; index < 600; index++) trace();
		expect(store.summaries()).toHaveLength(500);
	});

	test('have their SERVER span, however many spans they have', () => {
		const server = tracer.startSpan('GET /', { kind: SpanKind.SERVER });
		const { traceId } = server.spanContext();
		const other = { onEnd: store.onEnd.bind(store) };
		for (let index = 0; index < 2100; index++) {
			const span = tracer.startSpan('inner');
			Object.assign(span, { spanContext: () => ({ ...server.spanContext(), spanId: '1'.repeat(16) }) });
			other.onEnd(span as never);
		}
		server.end();
		const names = read(traceId).spans.map(({ name }) => name);
		expect(names).toHaveLength(2001);
		expect(names.at(-1)).toBe('GET /');
	});

	test('have long texts cut', () => {
		const id = trace({ stack: 'x'.repeat(100_000) });
		expect(read(id).spans[0]!.attributes['stack']).toHaveLength(8 * 1024 + 1);
	});
});
