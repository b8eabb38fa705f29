import { type AnyValue, type Id, type Int64, type KeyValue, toAttributes, toHex, toValue } from './decode.ts';
import { decodeRequest } from './schema.ts';
import type { AttributeValue, Attributes } from './span.ts';

/** A log record, with its resource and its scope. */
export interface ReceivedLog {
	timeUnixNano: bigint;
	observedTimeUnixNano: bigint;
	severityNumber: number;
	severityText: string;
	body: AttributeValue;
	eventName: string;
	attributes: Attributes;
	droppedAttributesCount: number;
	flags: number;
	/** Empty where it belongs to no trace, like the next one. */
	traceId: string;
	spanId: string;
	resource: Attributes;
	scope: { name: string; version: string };
}

interface OtlpLogRecord {
	timeUnixNano?: Int64;
	observedTimeUnixNano?: Int64;
	severityNumber?: number;
	severityText?: string;
	body?: AnyValue;
	eventName?: string;
	attributes?: KeyValue[];
	droppedAttributesCount?: number;
	flags?: number;
	traceId?: Id;
	spanId?: Id;
}

interface ResourceLogs {
	resource?: { attributes?: KeyValue[] };
	scopeLogs?: { scope?: { name?: string; version?: string }; logRecords?: OtlpLogRecord[] }[];
}

/** Reads a request body of the logs service; throws when it is not one. */
export function decodeLogs(body: Uint8Array, encoding: 'protobuf' | 'json'): ReceivedLog[] {
	const request: unknown =
		encoding === 'protobuf' ? decodeRequest('logs', body) : JSON.parse(Buffer.from(body).toString('utf8'));
	const { resourceLogs = [] } = request as { resourceLogs?: ResourceLogs[] };
	return resourceLogs.flatMap(({ resource, scopeLogs = [] }) =>
		scopeLogs.flatMap(({ scope, logRecords = [] }) =>
			logRecords.map((record) => ({
				timeUnixNano: BigInt(record.timeUnixNano ?? 0),
				observedTimeUnixNano: BigInt(record.observedTimeUnixNano ?? 0),
				severityNumber: record.severityNumber ?? 0,
				severityText: record.severityText ?? '',
				body: toValue(record.body),
				eventName: record.eventName ?? '',
				attributes: toAttributes(record.attributes),
				droppedAttributesCount: record.droppedAttributesCount ?? 0,
				flags: record.flags ?? 0,
				traceId: toHex(record.traceId, [0, 16]),
				spanId: toHex(record.spanId, [0, 8]),
				resource: toAttributes(resource?.attributes),
				scope: { name: scope?.name ?? '', version: scope?.version ?? '' }
			}))
		)
	);
}
