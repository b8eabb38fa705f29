import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { EncodedBatch, Encoding, SpanBatch } from './span-batch.ts';
import { sizeOf } from './span-size.ts';

/** OTLP's JSON form. */
export const encoding: Encoding = {
	createBatch: (onUnencodable) => new JsonBatch(onUnencodable),
	decodeResponse: (body) => JsonTraceSerializer.deserializeResponse(body)
};

/** Keeps spans as they are: upstream encodes a whole request at once. */
class JsonBatch implements SpanBatch {
	readonly #onUnencodable: (span: ReadableSpan, cause: unknown) => void;
	#spans: ReadableSpan[] = [];
	#bytes = 0;

	constructor(onUnencodable: (span: ReadableSpan, cause: unknown) => void) {
		this.#onUnencodable = onUnencodable;
	}

	get count(): number {
		return this.#spans.length;
	}

	get bytes(): number {
		return this.#bytes;
	}

	add(span: ReadableSpan, room: number): boolean {
		const size = sizeOf(span);
		if (size > room) return false;
		this.#spans.push(span);
		this.#bytes += size;
		return true;
	}

	take(): EncodedBatch | undefined {
		const spans = this.#spans;
		this.#spans = [];
		this.#bytes = 0;
		try {
			return encode(spans);
		} catch {
			return encode(spans.filter((span) => this.#isEncodable(span)));
		}
	}

	reuse(): void {}

	#isEncodable(span: ReadableSpan): boolean {
		try {
			encode([span]);
			return true;
		} catch (error) {
			this.#onUnencodable(span, error);
			return false;
		}
	}
}

function encode(spans: ReadableSpan[]): EncodedBatch | undefined {
	if (spans.length === 0) return undefined;
	for (const span of spans) expectTexts(span);
	const body = JsonTraceSerializer.serializeRequest(spans);
	if (!body) throw new Error('spans could not be serialized');
	return { body, count: spans.length };
}

/** Upstream writes whatever it finds, and a collector that finds a number in the place of a text refuses all. */
function expectTexts({ name, events, links, instrumentationScope }: ReadableSpan): void {
	const { name: tracer, version = '' } = instrumentationScope;
	const ids = links.flatMap(({ context }) => [context.traceId, context.spanId]);
	for (const text of [name, tracer, version, ...events.map((event) => event.name), ...ids]) {
		if (typeof text !== 'string') throw new TypeError(`${String(text)} is no text`);
	}
}
