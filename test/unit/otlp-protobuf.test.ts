import { type Attributes, type HrTime, type Link, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { KEPT_BYTES, ProtobufWriter } from '../../files/otlp/protobuf-writer.ts';
import { encoding } from '../../files/traces/spans-protobuf.ts';
import { decodeBody } from '../otlp/decode.ts';
import { encodeResponse } from '../otlp/schema.ts';
import { encode } from './support/encode.ts';

const resource = resourceFromAttributes({ 'service.name': 'shop', 'process.pid': 4711 });
const scope = { name: 'sveltekit' };
const spanContext = {
	traceId: '0af7651916cd43dd8448eb211c80319c',
	spanId: 'b7ad6b7169203331',
	traceFlags: 1
};

function createSpan(span: Partial<ReadableSpan> = {}): ReadableSpan {
	return {
		name: 'GET /blog/[slug]',
		kind: SpanKind.SERVER,
		spanContext: () => spanContext,
		startTime: [1_763_800_000, 123_456_789],
		endTime: [1_763_800_001, 5],
		duration: [0, 876_543_216],
		ended: true,
		status: { code: SpanStatusCode.UNSET },
		attributes: {},
		links: [],
		events: [],
		resource,
		instrumentationScope: scope,
		droppedAttributesCount: 0,
		droppedEventsCount: 0,
		droppedLinksCount: 0,
		...span
	};
}

/** As protobuf decodes it; a count or a code that is 0 is the same as none. */
function decode(body: Uint8Array | undefined): unknown {
	const isNothing = (key: string, value: unknown): boolean => value === 0 && /Count$|^code$/.test(key);
	return JSON.parse(
		JSON.stringify(decodeBody(Uint8Array.from(body!), 'protobuf'), (key, value) =>
			isNothing(key, value) ? undefined : value
		)
	);
}

const attributes = (value: unknown): Partial<ReadableSpan> => ({ attributes: { key: value } as Attributes });
const time = (startTime: HrTime): Partial<ReadableSpan> => ({ startTime });
const parent = { ...spanContext, spanId: '00f067aa0ba902b7' };
const link: Link = {
	context: { ...parent, isRemote: true, traceState: new TraceState('a=1,b=2') },
	attributes: { reason: 'redirect' },
	droppedAttributesCount: 2
};

const cases: [what: string, spans: Partial<ReadableSpan>[]][] = [
	['a bare span', [{}]],
	['a child', [{ parentSpanContext: parent, kind: SpanKind.INTERNAL }]],
	['the child of a remote span', [{ parentSpanContext: { ...parent, isRemote: true } }]],
	[
		'a span with a trace state',
		[{ spanContext: () => ({ ...spanContext, traceState: new TraceState('k=v') }) }]
	],
	['every kind', [0, 1, 2, 3, 4].map((kind) => ({ kind }))],
	['a status with a message', [{ status: { code: SpanStatusCode.ERROR, message: 'Not today' } }]],
	['a status that is fine', [{ status: { code: SpanStatusCode.OK } }]],
	['what was dropped', [{ droppedAttributesCount: 1, droppedEventsCount: 200, droppedLinksCount: 70_000 }]],
	['links', [{ links: [link, { context: parent }] }]],
	[
		'events',
		[
			{
				events: [
					{
						name: 'exception',
						time: [1_763_800_000, 999_999_999],
						attributes: { 'exception.type': 'Error' }
					},
					{ name: 'cache miss', time: [1_763_800_000, 0], droppedAttributesCount: 3 }
				]
			}
		]
	],
	['a short text', [attributes('abc')]],
	['an empty text', [attributes('')]],
	['a text of 127 characters', [attributes('x'.repeat(127))]],
	['a text of 128 characters', [attributes('x'.repeat(128))]],
	['a text of 20,000 characters', [attributes('x'.repeat(20_000))]],
	['a text larger than the buffer', [attributes('x'.repeat(3_000_000))]],
	['a text beyond ASCII', [attributes('Größe 日本 🧭')]],
	['a long text beyond ASCII', [attributes('日'.repeat(70))]],
	['a text with half a character', [attributes('a\ud83e')]],
	['a key beyond ASCII', [{ attributes: { größe: 1 } }]],
	['an empty key', [{ attributes: { '': 1 } }]],
	['true and false', [attributes(true), attributes(false)]],
	['small numbers', [0, 1, 127, 128, 300, 2 ** 31 - 1, 2 ** 31, 2 ** 32].map(attributes)],
	['large numbers', [2 ** 40 + 3, Number.MAX_SAFE_INTEGER, 2 ** 62, 2 ** 63, 1e300].map(attributes)],
	['negative numbers', [-1, -128, -(2 ** 31), -(2 ** 53), -(2 ** 63), -1e300].map(attributes)],
	['fractions', [0.1, -2.5, Number.MIN_VALUE].map(attributes)],
	['negative zero', [attributes(-0)]],
	['lists', [attributes([]), attributes(['a', 'b']), attributes([1, 2.5]), attributes([true, null])]],
	['bytes', [attributes(new Uint8Array([0, 127, 255]))]],
	['nested values', [attributes({ a: [{ b: 'c' }], d: {}, e: null })]],
	['nothing', [attributes(null), attributes(undefined)]],
	['times', [time([0, 0]), time([0, 1]), time([4_294_967_295, 999_999_999]), time([65_535, 4])]],
	[
		'several scopes',
		[{}, { instrumentationScope: { name: 'pg', version: '1.2', schemaUrl: 'https://a.example' } }]
	],
	['several resources', [{}, { resource: resourceFromAttributes({ a: 1 }) }, {}]],
	[
		'a resource with a schema',
		[{ resource: resourceFromAttributes({ a: 1 }, { schemaUrl: 'https://a.example' }) }]
	],
	['a batch', Array.from({ length: 512 }, (_, index) => ({ name: `span ${index}`, ...attributes(index) }))]
];

describe('the binary form of OTLP', () => {
	it.each(cases)("encodes %s as the SDK's serializer does", (_, partial) => {
		const spans = partial.map(createSpan);
		expect(decode(encode(encoding, spans).body)).toEqual(
			decode(ProtobufTraceSerializer.serializeRequest(spans))
		);
	});

	it('omits only a span that cannot be encoded', () => {
		const broken = createSpan({
			attributes: {
				before: 1,
				get key(): string {
					throw new Error('no value');
				}
			}
		});
		const told: unknown[] = [];
		const batch = encoding.createBatch((span, cause) => told.push(span, cause));
		const spans = ['first', 'second'].map((name) => createSpan({ name }));
		for (const span of [spans[0]!, broken, spans[1]!]) expect(batch.add(span, Infinity)).toBe(true);
		expect(told).toEqual([broken, new Error('no value')]);
		expect(batch.count).toBe(2);
		expect(decode(batch.take()!.body)).toEqual(decode(ProtobufTraceSerializer.serializeRequest(spans)));
	});

	it('has nothing to send without spans, or if no span can be encoded', () => {
		const batch = encoding.createBatch(() => {});
		expect(batch.take()).toBeUndefined();
		batch.add(createSpan({ startTime: [Number.NaN, 0] }), Infinity);
		expect(batch.take()).toBeUndefined();
	});

	it('rejects a span that does not fit', () => {
		const batch = encoding.createBatch(() => {});
		expect(batch.add(createSpan({ name: 'x'.repeat(1000) }), 1000)).toBe(false);
		expect(batch).toMatchObject({ count: 0, bytes: 0 });
		expect(batch.add(createSpan({ name: 'x'.repeat(900) }), 1100)).toBe(true);
		expect(batch.bytes).toBeGreaterThan(900);
		expect(batch.take()).toMatchObject({ count: 1 });
		expect(batch.bytes).toBe(0);
	});

	it('includes the messages around spans in its size, for many scopes and resources too', () => {
		const batch = encoding.createBatch(() => {});
		for (let index = 0; index < 100; index++) {
			const name = `scope ${index % 7}`.repeat(20);
			const version = 'v'.repeat(index);
			const instrumentationScope = index % 3 ? scope : { name, version };
			const other = resourceFromAttributes({ 'service.name': 'x'.repeat(1000) });
			batch.add(createSpan({ instrumentationScope, ...(index % 5 === 0 && { resource: other }) }), Infinity);
		}
		const { bytes } = batch;
		const { body } = batch.take()!;
		expect(body.length).toBeLessThanOrEqual(bytes);
		expect(body.length).toBeGreaterThan(bytes * 0.95);
	});

	it('reuses a body only after it was delivered', () => {
		const batch = encoding.createBatch(() => {});
		const take = (name: string): Uint8Array => {
			batch.add(createSpan({ name }), Infinity);
			return batch.take()!.body;
		};
		const first = take('first');
		const before = Buffer.from(first).toString('hex');
		const second = take('other');
		expect(Buffer.from(first).toString('hex')).toBe(before);
		batch.reuse(first);
		const third = take('third');
		expect(third.buffer).toBe(first.buffer);
		expect(second.buffer).not.toBe(first.buffer);
		expect(decode(third)).toEqual(decode(encode(encoding, [createSpan({ name: 'third' })]).body));
		// too long for what is there
		batch.reuse(third);
		const long = take('x'.repeat(100_000));
		expect(long.buffer).not.toBe(third.buffer);
	});

	it.each([
		['an empty answer', encodeResponse(), undefined],
		[
			'a partial success',
			encodeResponse({ rejectedSpans: 300, errorMessage: 'too old ✋' }),
			{ rejected: 300, message: 'too old ✋' }
		],
		[
			'a warning',
			encodeResponse({ rejectedSpans: 0, errorMessage: 'soon' }),
			{ rejected: 0, message: 'soon' }
		],
		[
			'fields of a later version',
			Uint8Array.of(0x10, 1, 0x1d, 1, 2, 3, 4, 0x21, 1, 2, 3, 4, 5, 6, 7, 8),
			undefined
		]
	])('reads %s', (_, body, expected) => {
		expect(encoding.decodeResponse(body)).toEqual(expected);
	});

	it.each([
		['cut off', Uint8Array.of(0x0a, 5, 1)],
		['no protobuf', new TextEncoder().encode('<html></html>')]
	])('rejects a response that is %s', (_, body) => {
		expect(() => encoding.decodeResponse(body)).toThrow(RangeError);
	});
});

describe('the length of a message within a message', () => {
	// a byte more of the length at each power of 2 ** 7
	it.each([127, 128, 2 ** 14 - 1, 2 ** 14, 2 ** 21 - 1, 2 ** 21, 2 ** 21 + 1, 2 ** 22])(
		'of about %i bytes is written completely',
		(length) => {
			const span = createSpan({ attributes: { key: 'x'.repeat(length) } });
			expect(decode(encode(encoding, [span]).body)).toEqual(
				decode(ProtobufTraceSerializer.serializeRequest([span]))
			);
		}
	);
});

describe('a repeated name', () => {
	const written = (write: (writer: ProtobufWriter) => void): Uint8Array => {
		const writer = new ProtobufWriter();
		write(writer);
		return Uint8Array.from(writer.read(0, writer.size));
	};
	const inFull = (text: string): Uint8Array => written((writer) => writer.string(5, text));

	it.each(['GET /blog/[slug]', '', 'GET /größe/日本', '\ud800', 'x'.repeat(100), 'x'.repeat(300)])(
		'is the same each time: %s',
		(text) => {
			for (let again = 0; again < 3; again++) {
				expect(written((writer) => writer.name(5, text))).toEqual(inFull(text));
			}
		}
	);

	it('is encoded like the first one, after any number of them', () => {
		for (let again = 0; again < 2; again++) {
			for (let index = 0; index < 1500; index++) {
				const text = `name ${index}`;
				expect(written((writer) => writer.name(5, text))).toEqual(inFull(text));
			}
		}
	});
});

describe("the head of one of SvelteKit's spans", () => {
	const head = (given: Attributes, name = 'sveltekit.load'): ReadableSpan =>
		createSpan({ kind: SpanKind.INTERNAL, name, attributes: given });
	const route = { 'http.route': '/blog/[slug]' };

	it.each<[what: string, spans: ReadableSpan[]]>([
		['that is the same each time', [head(route), head({ ...route })]],
		['without attributes', [head({}), head({}), head(route), head({})]],
		['with another name', [head(route), head(route, 'sveltekit.resolve')]],
		['with another value', ['/', '/', '', '/blog'].map((value) => head({ 'http.route': value }))],
		['with a value of another type', [1, '1', true, 1.5, -0, 0, NaN].map((value) => head({ value }))],
		['with another key', [head({ a: 1 }), head({ b: 1 }), head({ b: 1, a: 1 }), head({ a: 1, b: 1 })]],
		['with more attributes', [head(route), head({ ...route, status: 200 }), head(route)]],
		[
			'with a value that cannot be kept',
			[['a'], ['b'], null, undefined].map((a) => head({ a } as Attributes))
		],
		['with a long value', ['a', 'b'].map((last) => head({ value: 'x'.repeat(200) + last }))],
		['with any number of values', Array.from({ length: 300 }, (_, id) => head({ id, ...route }))],
		['with any number of names', Array.from({ length: 3000 }, (_, id) => head(route, `load ${id}`))]
	])('%s is written whole', (_, spans) => {
		for (let again = 0; again < 2; again++) {
			expect(decode(encode(encoding, spans).body)).toEqual(
				decode(ProtobufTraceSerializer.serializeRequest(spans))
			);
		}
	});

	it('is not reused for a span of another kind', () => {
		const spans = [SpanKind.INTERNAL, SpanKind.CLIENT].map((kind) => ({ ...head(route), kind }));
		expect(decode(encode(encoding, spans).body)).toEqual(
			decode(ProtobufTraceSerializer.serializeRequest(spans))
		);
	});
});

describe('memory', () => {
	const large = createSpan({ attributes: { key: 'x'.repeat(3 * 1024 * 1024) } });
	const batch = encoding.createBatch(() => {});
	const take = (span: ReadableSpan): Uint8Array => {
		batch.add(span, Infinity);
		return batch.take()!.body;
	};

	it('of a usual body is reused, that of a large one is not', () => {
		const usual = take(createSpan());
		batch.reuse(usual);
		expect(take(createSpan()).buffer).toBe(usual.buffer);

		const body = take(large);
		batch.reuse(body);
		expect(take(createSpan()).buffer).not.toBe(body.buffer);
	});

	it('that was needed to encode a large span is freed', () => {
		const writer = new ProtobufWriter();
		writer.string(1, 'x'.repeat(3 * 1024 * 1024));
		expect(writer.read(0, 1).buffer.byteLength).toBeGreaterThan(KEPT_BYTES);
		writer.rewind(0);
		expect(writer.read(0, 1).buffer.byteLength).toBeLessThan(KEPT_BYTES);
	});
});
