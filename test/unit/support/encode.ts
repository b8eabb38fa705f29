import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { EncodedBatch, Encoding } from '../../../files/otlp/batch.ts';

/** One request with these spans. Throws what a span cannot be encoded for. */
export function encode(encoding: Encoding<ReadableSpan>, spans: readonly ReadableSpan[]): EncodedBatch {
	const batch = encoding.createBatch((_span, cause) => {
		throw cause;
	});
	for (const span of spans) batch.add(span, Infinity);
	return batch.take()!;
}
