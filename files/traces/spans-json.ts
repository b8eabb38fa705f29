import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expectTexts, jsonEncoding } from '../otlp/json-batch.ts';
import { sizeOf } from './span-size.ts';

/** OTLP/JSON encoding of spans. */
export const encoding = jsonEncoding<ReadableSpan>({
	serialize: (spans) => JsonTraceSerializer.serializeRequest(spans),
	check({ name, events, links, instrumentationScope }) {
		const { name: tracer, version = '' } = instrumentationScope;
		const ids = links.flatMap(({ context }) => [context.traceId, context.spanId]);
		expectTexts([name, tracer, version, ...events.map((event) => event.name), ...ids]);
	},
	sizeOf
});
