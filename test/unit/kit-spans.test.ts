import {
	type Attributes,
	type Context,
	ROOT_CONTEXT,
	type Span,
	SpanKind,
	type SpanOptions,
	SpanStatusCode,
	type TimeInput,
	createContextKey,
	createTraceState,
	trace
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
	AlwaysOffSampler,
	AlwaysOnSampler,
	ParentBasedSampler,
	type ReadableSpan,
	type Sampler,
	SamplingDecision,
	type SpanLimits,
	TraceIdRatioBasedSampler,
	TracerProvider
} from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { type KitSpanOptions, KitSpans } from '../../files/sdk/kit-spans.ts';
import { encoding as json } from '../../files/traces/spans-json.ts';
import { encoding as protobuf } from '../../files/traces/spans-protobuf.ts';
import { encode } from './support/encode.ts';
import { createProcessor } from './support/span-processor.ts';
import { RandomIds } from '../../files/sdk/random-ids.ts';
import { RequestContext, requestOf } from '../../files/http/request-context.ts';
import { SafeProcessors } from '../../files/sdk/safe-processors.ts';
import type { ServerRequest } from '../../files/http/server-request.ts';

const resource = resourceFromAttributes({ 'service.name': 'shop' });
const spanContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const below = (traceFlags: number, isRemote: boolean): Context =>
	trace.setSpanContext(ROOT_CONTEXT, { ...spanContext, traceFlags, isRemote });

interface SetUp {
	limits?: SpanLimits;
	sampler?: Sampler;
	/** As for the samplers of the specification. */
	isInherited?: boolean;
}

type Start = (name: string, options?: SpanOptions, context?: Context) => Span & ReadableSpan;

/** The SDK's tracer and ours, with the same settings, and what their processors have seen. */
function createBoth({ limits = {}, sampler = new AlwaysOnSampler(), isInherited = true }: SetUp = {}): {
	start: Start;
	seen: string[];
}[] {
	return (['sdk', 'ours'] as const).map((which) => {
		const seen: string[] = [];
		const note = (event: string) => (span: ReadableSpan) =>
			void seen.push(`${event} ${span.name} ${span.ended} ${JSON.stringify(span.attributes)}`);
		const processor = createProcessor({
			onStart: note('start'),
			onEnding: note('ending'),
			onEnd: note('end')
		});
		const ids = { generateTraceId: () => '5'.repeat(32), generateSpanId: () => '6'.repeat(16) };
		const provider = new TracerProvider({
			resource,
			sampler,
			spanLimits: limits,
			spanProcessors: [processor],
			idGenerator: ids
		});
		const tracer = provider.getTracer('sveltekit');
		const spans = new KitSpans(
			{ resource, scope: { name: 'sveltekit' }, limits, processor },
			{ sampler, isInherited, readsAttributes: !isInherited },
			ids,
			requestOf
		);
		const start: Start = (name, options = {}, context = ROOT_CONTEXT) =>
			(which === 'sdk'
				? tracer.startSpan(name, options, context)
				: spans.start(name, options as KitSpanOptions, context)) as Span & ReadableSpan;
		return { start, seen };
	});
}

/** All that an exporter or an app can see, but for times that were not given. */
function describeSpan(span: Span & ReadableSpan): unknown {
	const { name, kind, status, attributes, links, ended, parentSpanContext } = span;
	const { droppedAttributesCount, droppedEventsCount, droppedLinksCount } = span;
	const own = { name, kind, status, attributes, links, ended, parentSpanContext };
	return Object.assign(own, {
		dropped: { droppedAttributesCount, droppedEventsCount, droppedLinksCount },
		events: span.events?.map((event) => ({ ...event, time: undefined })),
		resource: span.resource?.attributes,
		scope: span.instrumentationScope?.name,
		spanContext: JSON.parse(JSON.stringify(span.spanContext())),
		isRecording: span.isRecording()
	});
}

const times = ({ startTime, endTime, duration }: ReadableSpan): unknown => ({ startTime, endTime, duration });

const error = Object.assign(new Error('Not today'), { stack: 'Error: Not today\n    at here' });
const circular: Record<string, unknown> = {};
circular['self'] = circular;
const odd = {
	a: undefined,
	b: null,
	c: () => {},
	d: [1, 'x'],
	e: { f: [true] },
	'': 1,
	g: circular
} as never;
const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`key ${index}`, index]));

const actions: [what: string, act: (span: Span) => unknown, limits?: SpanLimits][] = [
	['nothing', () => {}],
	['an attribute', (span) => span.setAttribute('key', 'value')],
	['an attribute again', (span) => span.setAttribute('key', 1).setAttribute('key', 2)],
	['attributes', (span) => span.setAttributes({ text: 'a', number: 1, boolean: false, list: ['a', 'b'] })],
	['odd attributes', (span) => span.setAttributes(odd)],
	['too many attributes', (span) => span.setAttributes(many)],
	[
		'long attributes',
		(span) => span.setAttributes({ a: 'xxxxx', b: ['yyyyy'] }),
		{ attributeValueLengthLimit: 3 }
	],
	['an invalid limit', (span) => span.setAttribute('a', 'xxxxx'), { attributeValueLengthLimit: 0 }],
	['no attributes at all', (span) => span.setAttribute('a', 1), { attributeCountLimit: 0 }],
	['an event', (span) => span.addEvent('event')],
	['an event with attributes', (span) => span.addEvent('event', { a: 1, b: {} as never })],
	['too many events', (span) => span.addEvent('a').addEvent('b').addEvent('c'), { eventCountLimit: 2 }],
	['no events at all', (span) => span.addEvent('a'), { eventCountLimit: 0 }],
	['an event with too much', (span) => span.addEvent('a', many), { attributePerEventCountLimit: 1 }],
	['an exception', (span) => span.recordException(error)],
	['an exception with a code', (span) => span.recordException({ code: 7, message: 'seven' })],
	['an exception that is a text', (span) => span.recordException('Not today')],
	['an exception that says nothing', (span) => span.recordException({} as never)],
	['an invalid exception', (span) => span.recordException(null as never)],
	['a link', (span) => span.addLink({ context: { ...spanContext, traceFlags: 1 }, attributes: { a: 1 } })],
	[
		'too many links',
		(span) =>
			span.addLinks(
				['1', '2', '3'].map((spanId) => ({ context: { ...spanContext, spanId, traceFlags: 1 } }))
			),
		{ linkCountLimit: 2 }
	],
	[
		'no links at all',
		(span) => span.addLink({ context: { ...spanContext, traceFlags: 1 } }),
		{ linkCountLimit: 0 }
	],
	['a status', (span) => span.setStatus({ code: SpanStatusCode.ERROR, message: 'why' })],
	[
		'a status without a reason',
		(span) => span.setStatus({ code: SpanStatusCode.ERROR, message: 5 as never })
	],
	['a status that is unset', (span) => span.setStatus({ code: SpanStatusCode.UNSET, message: 'why' })],
	['a status that is fine', (span) => span.setStatus({ code: SpanStatusCode.OK, message: 'why' })],
	[
		'a status after one that is fine',
		(span) => span.setStatus({ code: SpanStatusCode.OK }).setStatus({ code: SpanStatusCode.ERROR })
	],
	['a name', (span) => span.updateName('other')],
	['two ends', (span) => span.end()]
];

describe("SvelteKit's spans", () => {
	it.each(actions)('handle %s as the SDK does', (_, act, limits = {}) => {
		const [sdk, ours] = createBoth({ limits }).map(({ start, seen }) => {
			const span = start('span', { kind: SpanKind.CLIENT });
			act(span);
			const before = describeSpan(span);
			span.end();
			act(span);
			return { before, after: describeSpan(span), seen };
		});
		expect(ours).toEqual(sdk);
	});

	it.each<[what: string, options: SpanOptions, limits?: SpanLimits]>([
		['plain attributes', { attributes: { text: 'a', number: 1, boolean: true } }],
		['odd attributes', { attributes: odd }],
		['too many attributes', { attributes: many as Attributes }],
		['long attributes', { attributes: { a: 'xxxxx' } }, { attributeValueLengthLimit: 3 }],
		['links', { links: [{ context: { ...spanContext, traceFlags: 0 }, attributes: odd }] }],
		[
			'too many links',
			{ links: ['1', '2', '3'].map((spanId) => ({ context: { ...spanContext, spanId, traceFlags: 1 } })) },
			{ linkCountLimit: 2 }
		],
		['a kind', { kind: SpanKind.CONSUMER }],
		['no parent', { root: true }]
	])('start with %s as the SDK has it', (_, options, limits = {}) => {
		const [sdk, ours] = createBoth({ limits }).map(({ start, seen }) => ({
			span: describeSpan(start('span', options, below(1, true))),
			seen
		}));
		expect(ours).toEqual(sdk);
	});

	it.each<[what: string, startTime: TimeInput, endTime: TimeInput]>([
		['dates', new Date(1_763_800_000_000), new Date(1_763_800_000_250)],
		['milliseconds', 1_763_800_000_000, 1_763_800_001_500.25],
		['seconds and nanoseconds', [1_763_800_000, 999_999_999], [1_763_800_001, 1]],
		['an end before the start', [1_763_800_000, 5], [1_763_800_000, 4]]
	])('have the times that the SDK has for %s', (_, startTime, endTime) => {
		const [sdk, ours] = createBoth().map(({ start }) => {
			const span = start('span', { startTime });
			span.end(endTime);
			return times(span);
		});
		expect(ours).toEqual(sdk);
	});

	it('never begin before their parent, nor end after it', () => {
		const [, ours] = createBoth();
		const parent = ours!.start('parent');
		const child = ours!.start('child', {}, trace.setSpan(ROOT_CONTEXT, parent));
		child.end();
		parent.end();
		const nanoseconds = ([seconds, rest]: [number, number]): bigint =>
			BigInt(seconds) * 10n ** 9n + BigInt(rest);
		const sequence = [parent.startTime, child.startTime, child.endTime, parent.endTime].map(nanoseconds);
		expect(sequence).toEqual(sequence.toSorted((a, b) => Number(a - b)));
	});

	const ratio = (of: number): Sampler => new TraceIdRatioBasedSampler(of);
	const recordOnly: Sampler = {
		shouldSample: () => ({ decision: SamplingDecision.RECORD, attributes: { sampled: 'not' } })
	};
	const withState: Sampler = {
		shouldSample: () => ({
			decision: SamplingDecision.RECORD_AND_SAMPLED,
			traceState: createTraceState('vendor=sampler')
		})
	};
	const samplers: [name: string, sampler: Sampler, isInherited: boolean][] = [
		['always_on', new AlwaysOnSampler(), true],
		['always_off', new AlwaysOffSampler(), false],
		['a ratio of 1', ratio(1), true],
		['a ratio of 0', ratio(0), true],
		['parentbased_always_on', new ParentBasedSampler({ root: new AlwaysOnSampler() }), true],
		['parentbased_always_off', new ParentBasedSampler({ root: new AlwaysOffSampler() }), true],
		['parentbased with a ratio of 0', new ParentBasedSampler({ root: ratio(0) }), true],
		['one of the app', recordOnly, false],
		['one with a trace state of its own', withState, false]
	];
	const parents: [name: string, context: Context][] = [
		['no parent', ROOT_CONTEXT],
		['a remote parent', below(1, true)],
		['a remote parent that is not sampled', below(0, true)],
		['an invalid parent', trace.setSpanContext(ROOT_CONTEXT, { traceId: '0', spanId: '0', traceFlags: 1 })],
		['a parent that is not sampled', below(0, false)],
		['tracing suppressed', suppressTracing(ROOT_CONTEXT)]
	];

	it.each(samplers.flatMap((sampler) => parents.map((parent) => [...sampler, ...parent] as const)))(
		'are sampled by %s as the SDK does: %s %s, with %s',
		(_name, sampler, isInherited, _parent, context) => {
			const [sdk, ours] = createBoth({ sampler, isInherited }).map(({ start, seen }) => {
				const span = start('parent', { attributes: { a: 1 } }, context);
				const child = start('child', {}, trace.setSpan(context, span));
				return { span: describeSpan(span), child: describeSpan(child), seen };
			});
			expect(ours).toEqual(sdk);
		}
	);

	it('evaluate attributes only if a span is recorded', () => {
		const spans = new KitSpans(
			{ resource, scope: { name: 'sveltekit' }, limits: {}, processor: new SafeProcessors([]) },
			{ sampler: new AlwaysOffSampler(), isInherited: false, readsAttributes: false },
			new RandomIds(),
			requestOf
		);
		const attributes = (): never => {
			throw new Error('asked');
		};
		expect(spans.start('span', { attributes }, ROOT_CONTEXT).isRecording()).toBe(false);
	});
});

describe("SvelteKit's spans accept any arguments", () => {
	const throwing = {
		get message(): never {
			throw new Error('no message');
		}
	};
	const link = { traceId: spanContext.traceId, traceFlags: 1 };

	it.each<[what: string, act: (span: Span) => unknown]>([
		['an invalid name', (span) => span.updateName(undefined as never)],
		['a name that is a symbol', (span) => span.updateName(Symbol('name') as never)],
		['a name without a text', (span) => span.updateName(Object.create(null) as never)],
		['an attribute without a key', (span) => span.setAttribute(undefined as never, 1)],
		['an attribute that throws', (span) => span.setAttribute('key', throwing as never)],
		['no attributes', (span) => span.setAttributes(undefined as never)],
		['attributes that throw', (span) => span.setAttributes(throwing as never)],
		['an event without a name', (span) => span.addEvent(undefined as never)],
		['an event whose name is a number', (span) => span.addEvent(5 as never)],
		['an event whose attributes throw', (span) => span.addEvent('event', throwing as never)],
		['an event at no time', (span) => span.addEvent('event', {}, new Date(NaN))],
		['an event at the end of time', (span) => span.addEvent('event', Infinity)],
		['no link', (span) => span.addLink(undefined as never)],
		['no links', (span) => span.addLinks(undefined as never)],
		['a link to nothing', (span) => span.addLink({} as never)],
		['a link to no span', (span) => span.addLink({ context: {} as never })],
		['a link to half a span', (span) => span.addLinks([{ context: link as never }])],
		[
			'a link whose attributes throw',
			(span) => span.addLink({ context: { ...link, ...spanContext }, attributes: throwing as never })
		],
		['no status', (span) => span.setStatus(undefined as never)],
		['no exception', (span) => span.recordException(undefined as never)],
		['an exception without a text', (span) => span.recordException(Object.create(null) as never)],
		['an exception that throws', (span) => span.recordException(throwing as never)],
		['an end at no time', (span) => span.end(new Date(NaN))],
		['an end at an invalid date', (span) => span.end(Object.create(Date.prototype) as never)]
	])('no call throws or loses the span: %s', (_, act) => {
		const ended: ReadableSpan[] = [];
		const processor = createProcessor({ onEnd: (span) => void ended.push(span) });
		const spans = new KitSpans(
			{ resource, scope: { name: 'sveltekit' }, limits: {}, processor },
			{ sampler: new AlwaysOnSampler(), isInherited: true, readsAttributes: false },
			new RandomIds(),
			requestOf
		);
		const span = spans.start('span', { attributes: { before: 1 } }, ROOT_CONTEXT);
		act(span);
		span.setAttribute('after', 1);
		if (span.isRecording()) span.end();

		expect(ended).toHaveLength(1);
		expect(ended[0]!.attributes).toMatchObject({ before: 1 });
		for (const encoding of [protobuf, json]) expect(encode(encoding, ended)).toMatchObject({ count: 1 });
	});

	it.each<[what: string, options: KitSpanOptions]>([
		['an invalid time', { startTime: new Date(NaN) }],
		['a link to no span', { links: [{ context: {} as never }] }]
	])('also at their start: %s', (_, options) => {
		const [, ours] = createBoth();
		const span = ours!.start('span', options as SpanOptions);
		expect(Number.isFinite(span.startTime[0])).toBe(true);
		expect(span.links).toEqual([]);
	});

	it('a processor that throws affects neither them nor other processors', () => {
		const fail = (): never => {
			throw new Error('broken');
		};
		const ended: string[] = [];
		const processor = new SafeProcessors([
			{
				onStart: fail,
				onEnding: fail,
				onEnd: fail,
				forceFlush: async () => fail(),
				shutdown: async () => fail()
			},
			createProcessor({ onEnd: ({ name }) => void ended.push(name) })
		]);
		const spans = new KitSpans(
			{ resource, scope: { name: 'sveltekit' }, limits: {}, processor },
			{ sampler: new AlwaysOnSampler(), isInherited: true, readsAttributes: false },
			new RandomIds(),
			requestOf
		);
		spans.start('ours', {}, ROOT_CONTEXT).end();
		new TracerProvider({ spanProcessors: [processor] }).getTracer('app').startSpan("the SDK's").end();
		expect(ended).toEqual(['ours', "the SDK's"]);
	});
});

describe('a context of a request', () => {
	const request = {} as ServerRequest;
	const key = createContextKey('a key');
	const outer = trace.wrapSpanContext({ ...spanContext, traceFlags: 1 });
	const inner = trace.wrapSpanContext({ ...spanContext, traceFlags: 0 });
	const rest = trace.setSpan(ROOT_CONTEXT, outer).setValue(key, 'outer');
	const context = new RequestContext(rest, request, outer);

	it.each<[what: string, context: Context, span: Span | undefined, value: unknown]>([
		['at first', context, outer, 'outer'],
		['with a span', trace.setSpan(context, inner), inner, 'outer'],
		['without a span', trace.deleteSpan(context), undefined, 'outer'],
		['with a value', context.setValue(key, 'inner'), outer, 'inner'],
		['without a value', context.deleteValue(key), outer, undefined],
		['with both', trace.setSpan(context.setValue(key, 'inner'), inner), inner, 'inner']
	])('knows the request, its span and its values: %s', (_, given, span, value) => {
		expect(trace.getSpan(given)).toBe(span);
		expect(given.getValue(key)).toBe(value);
		expect(requestOf(given)).toBe(request);
	});

	it('has the span under the API’s key, without copying its parent context', () => {
		expect(rest.getValue(key)).toBe('outer');
		expect(trace.getSpan(rest)).toBe(outer);
		expect(trace.setSpan(context, inner)).toBeInstanceOf(RequestContext);
		expect(trace.getSpan(trace.deleteSpan(context))).toBeUndefined();
	});
});

describe('random ids', () => {
	it('are valid, and never the same twice', () => {
		const ids = new RandomIds();
		const seen = new Set<string>();
		for (let index = 0; index < 5000; index++) {
			const [traceId, spanId] = [ids.generateTraceId(), ids.generateSpanId()];
			expect(traceId).toMatch(/^[0-9a-f]{32}$/);
			expect(spanId).toMatch(/^[0-9a-f]{16}$/);
			seen.add(traceId).add(spanId);
		}
		expect(seen.size).toBe(10_000);
	});
});
