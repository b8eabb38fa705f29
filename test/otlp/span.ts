/** A value of an attribute, as a test reads it: 64-bit integers come as numbers. */
export type AttributeValue =
	| string
	| number
	| boolean
	| Uint8Array
	| null
	| AttributeValue[]
	| { [key: string]: AttributeValue };

/** Attributes as a plain object. */
export type Attributes = Record<string, AttributeValue>;

/** The kinds of span, by the names that the specification gives them. */
export const spanKinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;

/** One of {@link spanKinds}. */
export type SpanKind = (typeof spanKinds)[number];

/** The status codes of a span, by the names that the specification gives them. */
export const statusCodes = ['UNSET', 'OK', 'ERROR'] as const;

/** One of {@link statusCodes}. */
export type StatusCode = (typeof statusCodes)[number];

/** An event of a span, such as an exception. */
export interface SpanEvent {
	name: string;
	time: bigint;
	attributes: Attributes;
}

/** A link of a span to another one. */
export interface SpanLink {
	traceId: string;
	spanId: string;
	traceState: string;
	flags: number;
	attributes: Attributes;
}

/** One span as it arrived, together with the resource and scope that it was sent under. */
export interface ReceivedSpan {
	traceId: string;
	spanId: string;
	/** Absent for the root of a trace. */
	parentSpanId?: string;
	traceState: string;
	/** The W3C trace flags in the low byte, OTLP's "parent is remote" bits above. */
	flags: number;
	name: string;
	kind: SpanKind;
	startTimeUnixNano: bigint;
	endTimeUnixNano: bigint;
	attributes: Attributes;
	droppedAttributesCount: number;
	events: SpanEvent[];
	droppedEventsCount: number;
	links: SpanLink[];
	droppedLinksCount: number;
	status: { code: StatusCode; message?: string };
	resource: Attributes;
	scope: { name: string; version: string };
}

const parentKnown = 0x100;
const parentRemote = 0x200;

/** Whether the sender said that the span's parent lives in another process; `undefined` if it did not. */
export function hasRemoteParent(span: ReceivedSpan): boolean | undefined {
	if (span.parentSpanId === undefined) return false;
	if ((span.flags & parentKnown) === 0) return undefined;
	return (span.flags & parentRemote) !== 0;
}

/** The default label: `SERVER GET /blog/[slug]`, `sveltekit.load`. */
export function labelOf(span: ReceivedSpan): string {
	return span.kind === 'INTERNAL' ? span.name : `${span.kind} ${span.name}`;
}
