import { decodeRequest } from './schema.ts';
import { spanKinds, statusCodes } from './span.ts';
import type { Attributes, AttributeValue, ReceivedSpan } from './span.ts';

// Both encodings have every field optional, and differ in these types only.
export type Id = string | Uint8Array;
export type Int64 = string | number;

export interface AnyValue {
	stringValue?: string;
	boolValue?: boolean;
	intValue?: Int64;
	doubleValue?: number;
	arrayValue?: { values?: AnyValue[] };
	kvlistValue?: { values?: KeyValue[] };
	bytesValue?: Id;
}

export interface KeyValue {
	key?: string;
	value?: AnyValue;
}

interface OtlpSpan {
	traceId?: Id;
	spanId?: Id;
	parentSpanId?: Id;
	traceState?: string;
	flags?: number;
	name?: string;
	kind?: number;
	startTimeUnixNano?: Int64;
	endTimeUnixNano?: Int64;
	attributes?: KeyValue[];
	droppedAttributesCount?: number;
	events?: { timeUnixNano?: Int64; name?: string; attributes?: KeyValue[] }[];
	droppedEventsCount?: number;
	links?: {
		traceId?: Id;
		spanId?: Id;
		traceState?: string;
		flags?: number;
		attributes?: KeyValue[];
	}[];
	droppedLinksCount?: number;
	status?: { code?: number; message?: string };
}

/** One group of spans that share a resource, in the shape of OTLP/JSON. */
export interface ResourceSpans {
	resource?: { attributes?: KeyValue[] };
	scopeSpans?: { scope?: { name?: string; version?: string }; spans?: OtlpSpan[] }[];
	schemaUrl?: string;
}

/** Reads a request body of the trace service; throws when it is not one. */
export function decodeBody(body: Uint8Array, encoding: 'protobuf' | 'json'): ResourceSpans[] {
	const request: unknown =
		encoding === 'protobuf' ? decodeRequest('traces', body) : JSON.parse(Buffer.from(body).toString('utf8'));
	const { resourceSpans = [] } = request as { resourceSpans?: ResourceSpans[] };
	return resourceSpans;
}

/** Flattens what was decoded: one entry for each span, with its resource and scope. */
export function flattenSpans(resourceSpans: ResourceSpans[]): ReceivedSpan[] {
	return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
		scopeSpans.flatMap(({ scope, spans = [] }) =>
			spans.map((span) => ({
				...toSpan(span),
				resource: toAttributes(resource?.attributes),
				scope: { name: scope?.name ?? '', version: scope?.version ?? '' }
			}))
		)
	);
}

function toSpan(span: OtlpSpan): Omit<ReceivedSpan, 'resource' | 'scope'> {
	const parentSpanId = toHex(span.parentSpanId, [0, 8]);
	return {
		traceId: toHex(span.traceId, [16]),
		spanId: toHex(span.spanId, [8]),
		...(parentSpanId ? { parentSpanId } : {}),
		traceState: span.traceState ?? '',
		flags: span.flags ?? 0,
		name: span.name ?? '',
		kind: spanKinds[span.kind ?? 0] ?? 'UNSPECIFIED',
		startTimeUnixNano: BigInt(span.startTimeUnixNano ?? 0),
		endTimeUnixNano: BigInt(span.endTimeUnixNano ?? 0),
		attributes: toAttributes(span.attributes),
		droppedAttributesCount: span.droppedAttributesCount ?? 0,
		events: (span.events ?? []).map((event) => ({
			name: event.name ?? '',
			time: BigInt(event.timeUnixNano ?? 0),
			attributes: toAttributes(event.attributes)
		})),
		droppedEventsCount: span.droppedEventsCount ?? 0,
		links: (span.links ?? []).map((link) => ({
			traceId: toHex(link.traceId, [16]),
			spanId: toHex(link.spanId, [8]),
			traceState: link.traceState ?? '',
			flags: link.flags ?? 0,
			attributes: toAttributes(link.attributes)
		})),
		droppedLinksCount: span.droppedLinksCount ?? 0,
		status: {
			code: statusCodes[span.status?.code ?? 0] ?? 'UNSET',
			...(span.status?.message ? { message: span.status.message } : {})
		}
	};
}

/** Protobuf carries identifiers as bytes, JSON as hexadecimal digits (not base64). */
export function toHex(id: Id | undefined, byteLengths: number[]): string {
	const hex = typeof id === 'string' ? id : Buffer.from(id ?? []).toString('hex');
	if (!/^[\da-f]*$/i.test(hex) || !byteLengths.includes(hex.length / 2)) {
		throw new Error(`Invalid id "${hex}" (expected ${byteLengths.join(' or ')} bytes)`);
	}
	return hex.toLowerCase();
}

export function toAttributes(list: KeyValue[] = []): Attributes {
	return Object.fromEntries(list.map(({ key = '', value }) => [key, toValue(value)]));
}

export function toValue(value: AnyValue = {}): AttributeValue {
	if (value.stringValue !== undefined) return value.stringValue;
	if (value.boolValue !== undefined) return value.boolValue;
	if (value.intValue !== undefined) return Number(value.intValue);
	if (value.doubleValue !== undefined) return value.doubleValue;
	if (value.arrayValue) return (value.arrayValue.values ?? []).map(toValue);
	if (value.kvlistValue) return toAttributes(value.kvlistValue.values);
	if (value.bytesValue !== undefined) {
		return typeof value.bytesValue === 'string' ? Buffer.from(value.bytesValue, 'base64') : value.bytesValue;
	}
	return null;
}
