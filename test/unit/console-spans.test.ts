import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, expect, test, vi } from 'vitest';
import { createConsoleProcessor } from '../../files/console/console-spans.ts';

afterEach(() => vi.restoreAllMocks());

test('a span is one line of JSON on stdout, its times in milliseconds', () => {
	const written: string[] = [];
	vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
	const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
	const span = new TracerProvider({ spanProcessors: [createConsoleProcessor()] }).getTracer('app').startSpan(
		'GET',
		{
			kind: SpanKind.CLIENT,
			startTime: new Date('2026-01-02T03:04:05.678Z'),
			attributes: { 'http.request.method': 'GET' },
			links: [{ context: caller }]
		},
		trace.setSpanContext(ROOT_CONTEXT, caller)
	);
	span.addEvent('retried', { times: 2 });
	span.setStatus({ code: SpanStatusCode.ERROR });
	span.end(new Date('2026-01-02T03:04:07.178Z'));

	expect(written).toHaveLength(1);
	expect(written[0]!.endsWith('}\n')).toBe(true);
	expect(JSON.parse(written[0]!)).toEqual({
		name: 'GET',
		kind: 'CLIENT',
		traceId: caller.traceId,
		spanId: span.spanContext().spanId,
		parentSpanId: caller.spanId,
		startTime: '2026-01-02T03:04:05.678Z',
		durationMs: 1500,
		status: 'ERROR',
		attributes: { 'http.request.method': 'GET' },
		events: [{ name: 'retried', attributes: { times: 2 } }],
		links: [caller]
	});
});
