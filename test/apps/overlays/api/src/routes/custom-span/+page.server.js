import { trace } from '@opentelemetry/api';

export function load() {
	const tracer = trace.getTracer('app', '1.0.0');
	return tracer.startActiveSpan('custom', async (span) => {
		span.setAttribute('app.custom', 'yes');
		const activeSpanId = trace.getActiveSpan()?.spanContext().spanId;
		const isActive = activeSpanId === span.spanContext().spanId;
		await Promise.resolve();
		tracer.startSpan('custom.child').end();
		span.end();
		return { isActive };
	});
}
