import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { encoding } from '../../files/traces/spans-json.ts';
import { sizeOf } from '../../files/traces/span-size.ts';

const spanContext = {
	traceId: '0af7651916cd43dd8448eb211c80319c',
	spanId: 'b7ad6b7169203331',
	traceFlags: 1
};

const createSpan = (span: Partial<ReadableSpan> = {}): ReadableSpan => ({
	name: 'GET',
	kind: SpanKind.SERVER,
	spanContext: () => spanContext,
	startTime: [1_763_800_000, 0],
	endTime: [1_763_800_001, 0],
	duration: [1, 0],
	ended: true,
	status: { code: SpanStatusCode.UNSET },
	attributes: {},
	links: [],
	events: [],
	resource: resourceFromAttributes({}),
	instrumentationScope: { name: 'sveltekit' },
	droppedAttributesCount: 0,
	droppedEventsCount: 0,
	droppedLinksCount: 0,
	...span
});

const text = 'x'.repeat(10_000);
const time: [number, number] = [0, 0];

test.each<[what: string, span: Partial<ReadableSpan>]>([
	['its name', { name: text }],
	['an attribute', { attributes: { text } }],
	['a list', { attributes: { list: [text] } }],
	['an event’s name', { events: [{ name: text, time }] }],
	['an event’s attribute', { events: [{ name: 'event', time, attributes: { text } }] }],
	['a link’s attribute', { links: [{ context: spanContext, attributes: { text } }] }],
	['its status', { status: { code: SpanStatusCode.ERROR, message: text } }]
])('a span is as large as what it holds, two bytes for a character: %s', (_, span) => {
	const size = sizeOf(createSpan(span)) - sizeOf(createSpan({ name: '' }));
	expect(size).toBeGreaterThanOrEqual(2 * text.length);
	expect(size).toBeLessThan(2 * text.length + 1000);
});

test('a batch of JSON rejects a span that does not fit', () => {
	const batch = encoding.createBatch(() => {});
	const large = createSpan({ events: [{ name: 'event', time, attributes: { text } }] });
	expect(batch.add(large, 2 * text.length)).toBe(false);
	expect(batch).toMatchObject({ count: 0, bytes: 0 });
	expect(batch.add(large, sizeOf(large))).toBe(true);
	expect(batch).toMatchObject({ count: 1, bytes: sizeOf(large) });
});
