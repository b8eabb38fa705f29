import { type Link, type SpanContext, SpanKind } from '@opentelemetry/api';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import { writeAttributes } from '../otlp/encode-values.ts';
import type { ProtobufWriter } from '../otlp/protobuf-writer.ts';
import { KIT } from '../sdk/kit-names.ts';
import { SpanHeads } from './span-heads.ts';

/*
 * Encodes OTLP's trace service in protobuf
 * (https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto). The
 * SDK's serializer creates the same output, but takes three times as long, because it makes an extra pass to
 * calculate the size. A test compares both outputs, message by message.
 */

/** The flag bit that says that the remote bit is valid, and the remote bit. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

const heads = new SpanHeads();

/** Writes a `Span` of `ScopeSpans`. */
export function writeSpan(writer: ProtobufWriter, span: ReadableSpan): void {
	const start = writer.begin(2);
	const spanContext = span.spanContext();
	const parent = span.parentSpanContext;
	writeIds(writer, spanContext);
	if (parent?.spanId) writer.repeatedHex(4, parent.spanId);
	writeHead(writer, span);
	writer.nanoseconds(7, span.startTime);
	writer.nanoseconds(8, span.endTime);
	if (span.droppedAttributesCount) writer.uint(10, span.droppedAttributesCount);
	for (const event of span.events) writeEvent(writer, event);
	if (span.droppedEventsCount) writer.uint(12, span.droppedEventsCount);
	for (const link of span.links) writeLink(writer, link);
	if (span.droppedLinksCount) writer.uint(14, span.droppedLinksCount);

	const status = writer.begin(15);
	if (span.status.message) writer.string(2, span.status.message);
	if (span.status.code) writer.uint(3, span.status.code);
	writer.end(status);
	writer.fixed32(16, flagsOf(spanContext, parent));
	writer.end(start);
}

/** Writes name, kind and attributes. For SvelteKit's spans, they are encoded only once. */
function writeHead(writer: ProtobufWriter, span: ReadableSpan): void {
	const isRepeated = span.kind === SpanKind.INTERNAL && span.instrumentationScope.name === KIT;
	const place = isRepeated ? heads.placeOf(span) : undefined;
	if (place?.head) return writer.encoded(place.head);

	const start = writer.size;
	writer.name(5, span.name);
	// the API's span kinds begin at 0; in OTLP, 0 is an unspecified kind
	writer.uint(6, span.kind + 1);
	writeAttributes(writer, 9, span.attributes);
	if (place) place.head = Uint8Array.from(writer.read(start, writer.size));
}

function writeEvent(writer: ProtobufWriter, event: TimedEvent): void {
	const start = writer.begin(11);
	writer.nanoseconds(1, event.time);
	writer.string(2, event.name);
	writeAttributes(writer, 3, event.attributes);
	if (event.droppedAttributesCount) writer.uint(4, event.droppedAttributesCount);
	writer.end(start);
}

function writeLink(writer: ProtobufWriter, { context, attributes, droppedAttributesCount }: Link): void {
	const start = writer.begin(13);
	writeIds(writer, context);
	writeAttributes(writer, 4, attributes);
	if (droppedAttributesCount) writer.uint(5, droppedAttributesCount);
	writer.fixed32(6, flagsOf(context, context));
	writer.end(start);
}

/** Writes the first three fields, which spans and links have in common. */
function writeIds(writer: ProtobufWriter, { traceId, spanId, traceState }: SpanContext): void {
	writer.repeatedHex(1, traceId);
	writer.hex(2, spanId);
	const state = traceState?.serialize();
	if (state) writer.string(3, state);
}

function flagsOf({ traceFlags }: SpanContext, remote: SpanContext | undefined): number {
	return (traceFlags & 0xff) | HAS_IS_REMOTE | (remote?.isRemote ? IS_REMOTE : 0);
}
