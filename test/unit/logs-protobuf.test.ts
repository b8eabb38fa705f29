import { type Attributes, type LogRecord, TraceFlags } from '@opentelemetry/api';
import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { describe, expect, it } from 'vitest';
import { encoding as json } from '../../files/logs/logs-json.ts';
import { encoding as protobuf } from '../../files/logs/logs-protobuf.ts';
import type { Encoding } from '../../files/otlp/batch.ts';
import { decodeLogs } from '../otlp/logs.ts';

const resource = resourceFromAttributes({ 'service.name': 'shop' });
const scope = { name: 'console' };
const spanContext = {
	traceId: '0af7651916cd43dd8448eb211c80319c',
	spanId: 'b7ad6b7169203331',
	traceFlags: TraceFlags.SAMPLED
};

const createRecord = (record: Partial<ReadableLogRecord> = {}): ReadableLogRecord => ({
	hrTime: [1_763_800_000, 123_456_789],
	hrTimeObserved: [1_763_800_000, 123_456_790],
	resource,
	instrumentationScope: scope,
	attributes: {},
	droppedAttributesCount: 0,
	...record
});

const body = (value: unknown): Partial<ReadableLogRecord> => ({ body: value as LogRecord['body'] });

const cases: [what: string, records: Partial<ReadableLogRecord>[]][] = [
	['a bare record', [{}]],
	['a line', [{ severityNumber: 9, severityText: 'INFO', body: 'paid', spanContext }]],
	['a trace that is not sampled', [{ spanContext: { ...spanContext, traceFlags: 0 } }]],
	['an event', [{ eventName: 'shop.paid' }]],
	[
		'attributes',
		[{ attributes: { a: 1, b: [true], c: { d: 'e' } } as Attributes, droppedAttributesCount: 3 }]
	],
	['bodies', ['', 'x'.repeat(300), 'größe 日本', 1, 1.5, true, null, [1, 'a'], { a: { b: 'c' } }].map(body)],
	['bytes', [body(new Uint8Array([0, 255]))]],
	['several scopes', [{}, { instrumentationScope: { name: 'pino', version: '1' } }, {}]],
	['several resources', [{}, { resource: resourceFromAttributes({ a: 1 }) }]]
];

function encode(encoding: Encoding<ReadableLogRecord>, records: readonly ReadableLogRecord[]): Uint8Array {
	const batch = encoding.createBatch((_record, cause) => {
		throw cause;
	});
	for (const record of records) batch.add(record, Infinity);
	return batch.take()!.body;
}

describe.each([
	['protobuf', protobuf, ProtobufLogsSerializer],
	['json', json, JsonLogsSerializer]
] as const)('log records in %s', (form, encoding, serializer) => {
	it.each(cases)("encode %s as the SDK's serializer does", (_, partial) => {
		const records = partial.map(createRecord);
		const expected = serializer.serializeRequest(records)!;
		expect(decodeLogs(Uint8Array.from(encode(encoding, records)), form)).toEqual(decodeLogs(expected, form));
	});

	it('are limited by their size', () => {
		const batch = encoding.createBatch(() => {});
		expect(batch.add(createRecord({ body: 'x'.repeat(10_000) }), 9000)).toBe(false);
		expect(batch.add(createRecord({ body: 'x'.repeat(10_000) }), 90_000)).toBe(true);
		expect(batch.bytes).toBeGreaterThan(10_000);
	});
});
