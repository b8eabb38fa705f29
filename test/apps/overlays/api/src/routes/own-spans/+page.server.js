import { trace } from '@opentelemetry/api';

const tracer = trace.getTracer('app');

const describe = (span) => ({
	...span.spanContext(),
	isRecording: span.isRecording(),
	isActive: trace.getActiveSpan()?.spanContext().spanId === span.spanContext().spanId
});

/** What the app sees of its own spans, one in the other. */
export function load({ fetch, tracing }) {
	return tracer.startActiveSpan('outer', async (outer) => {
		const response = await fetch(`${process.env.UPSTREAM_URL}/called`);
		await response.text();
		const seen = tracer.startActiveSpan('inner', (inner) => {
			inner.end();
			return { outer: describe(outer), inner: describe(inner) };
		});
		outer.end();
		return { seen: { ...seen, request: tracing.root.spanContext().traceId } };
	});
}
