import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { decodeResponse } from './decode-response.ts';
import { writeResource, writeScope, writeSpan } from './encode-spans.ts';
import { KEPT_BYTES, ProtobufWriter } from './protobuf-writer.ts';
import type { EncodedBatch, Encoding, SpanBatch } from './span-batch.ts';

/** Bodies that wait to be written again: more are seldom under way. */
const SPARE_BODIES = 4;

/** OTLP's binary form, over HTTP and over gRPC. */
export const encoding: Encoding = {
	createBatch: (onUnencodable) => new ProtobufBatch(onUnencodable),
	decodeResponse
};

/** Spans of one scope, one after the other. */
interface Run extends Pick<ReadableSpan, 'resource' | 'instrumentationScope'> {
	start: number;
	end: number;
}

/**
 * Encodes spans when they end: the garbage collector then finds them dead, where a batch that kept them
 * would have it move each of them once or twice. For the same reason bodies are written again and again.
 */
class ProtobufBatch implements SpanBatch {
	readonly #onUnencodable: (span: ReadableSpan, cause: unknown) => void;
	readonly #spans = new ProtobufWriter();
	readonly #frame = new ProtobufWriter();
	readonly #spare: Buffer[] = [];
	#runs: Run[] = [];
	#count = 0;

	constructor(onUnencodable: (span: ReadableSpan, cause: unknown) => void) {
		this.#onUnencodable = onUnencodable;
	}

	get count(): number {
		return this.#count;
	}

	get bytes(): number {
		return this.#spans.size;
	}

	add(span: ReadableSpan, room: number): boolean {
		const start = this.#spans.size;
		try {
			writeSpan(this.#spans, span);
		} catch (error) {
			this.#spans.rewind(start);
			this.#onUnencodable(span, error);
			return true;
		}
		const end = this.#spans.size;
		if (end - start > room) {
			this.#spans.rewind(start);
			return false;
		}
		const { resource, instrumentationScope } = span;
		const run = this.#runs.at(-1);
		if (run?.resource === resource && run.instrumentationScope === instrumentationScope) run.end = end;
		else this.#runs.push({ resource, instrumentationScope, start, end });
		this.#count++;
		return true;
	}

	take(): EncodedBatch | undefined {
		if (this.#count === 0) return undefined;
		const batch = { body: this.#join(this.#request()), count: this.#count };
		this.#spans.rewind(0);
		this.#runs = [];
		this.#count = 0;
		return batch;
	}

	reuse(body: Uint8Array): void {
		if (this.#spare.length >= SPARE_BODIES || body.buffer.byteLength > KEPT_BYTES) return;
		this.#spare.push(Buffer.from(body.buffer));
	}

	/** `ExportTraceServiceRequest`: spans by their resource and their scope. */
	#request(): Uint8Array[] {
		const request: Uint8Array[] = [];
		for (const [resource, ofResource] of Map.groupBy(this.#runs, (run) => run.resource)) {
			const resourceSpans = [this.#written((frame) => writeResource(frame, resource))];
			for (const [scope, runs] of Map.groupBy(ofResource, (run) => run.instrumentationScope)) {
				const scopeSpans = [
					this.#written((frame) => writeScope(frame, scope)),
					...runs.map(({ start, end }) => this.#spans.read(start, end))
				];
				resourceSpans.push(...this.#message(2, scopeSpans));
			}
			request.push(...this.#message(1, resourceSpans));
		}
		return request;
	}

	/** A message out of what is encoded already. */
	#message(field: number, content: readonly Uint8Array[]): Uint8Array[] {
		const length = lengthOf(content);
		return [this.#written((frame) => frame.head(field, length)), ...content];
	}

	#written(write: (frame: ProtobufWriter) => void): Uint8Array {
		this.#frame.rewind(0);
		write(this.#frame);
		return Uint8Array.from(this.#frame.read(0, this.#frame.size));
	}

	#join(parts: readonly Uint8Array[]): Uint8Array {
		const length = lengthOf(parts);
		const spare = this.#spare.pop();
		const body = spare && spare.length >= length ? spare : Buffer.allocUnsafeSlow(capacityFor(length));
		let at = 0;
		for (const part of parts) {
			body.set(part, at);
			at += part.length;
		}
		return body.subarray(0, length);
	}
}

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

/** The next batch is not exactly as long. */
const capacityFor = (length: number): number =>
	length < KEPT_BYTES ? Math.min(Math.ceil(length * 1.25), KEPT_BYTES) : length;
