import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { TraceSerializer } from './otlp-exporter.ts';

/** OTLP's JSON form. */
export const serializer: TraceSerializer = {
	serializeRequest(spans) {
		for (const span of spans) expectTexts(span);
		return JsonTraceSerializer.serializeRequest(spans);
	},
	deserializeResponse: (body) => JsonTraceSerializer.deserializeResponse(body)
};

/** Upstream writes whatever it finds, and a collector that finds a number in the place of a text refuses all. */
function expectTexts({ name, events, links, instrumentationScope }: ReadableSpan): void {
	const { name: tracer, version = '' } = instrumentationScope;
	const ids = links.flatMap(({ context }) => [context.traceId, context.spanId]);
	for (const text of [name, tracer, version, ...events.map((event) => event.name), ...ids]) {
		if (typeof text !== 'string') throw new TypeError(`${String(text)} is no text`);
	}
}
