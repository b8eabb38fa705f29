import { type Attributes, type Span, SpanStatusCode, context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TracerCheck } from '../../files/diagnostics/tracer-check.ts';
import type { Tracing } from '../../files/http/tracing.ts';
import { requestOf } from '../../files/http/request-context.ts';
import { createRecordSpan } from '../../files/kit/record-span.ts';
import { KitTracer, createKitTracerProvider } from '../../files/kit/kit-tracer.ts';
import { createSpanNames } from '../../files/kit/span-names.ts';
import { KitSpans } from '../../files/sdk/kit-spans.ts';
import { RandomIds } from '../../files/sdk/random-ids.ts';
import type { RecordSpan } from '../../files/types/runtime.ts';
import { createProcessor } from './support/span-processor.ts';

/*
 * Compares our `record_span` with SvelteKit's own, with the same tracer for both.
 */
const kitModule = (file: string): Promise<any> =>
	import(pathToFileURL(`node_modules/@sveltejs/kit/src/exports/internal/${file}`).href);

const ended: ReadableSpan[] = [];
const processor = createProcessor({ onEnd: (span) => void ended.push(span) });
const contextManager = new AsyncLocalStorageContextManager().enable();
const tracing = {
	contextManager,
	spans: new KitSpans(
		{ resource: resourceFromAttributes({}), scope: { name: 'sveltekit' }, limits: {}, processor },
		{ sampler: new AlwaysOnSampler(), isInherited: true, readsAttributes: false },
		new RandomIds(),
		requestOf
	),
	nameOf: createSpanNames('src/routes'),
	tracerCheck: new TracerCheck('traces are missing')
} as unknown as Tracing;
const tracer = new KitTracer(tracing);

const recordSpans: Record<string, RecordSpan> = {};
let HttpError: new (body: object) => Error;
let Redirect: new (status: number, location: string) => Error;

beforeAll(async () => {
	context.setGlobalContextManager(contextManager);
	trace.setGlobalTracerProvider(createKitTracerProvider(trace.getTracerProvider(), tracer, async () => {}));
	({ HttpError, Redirect } = await kitModule('shared.js'));
	const kit = await kitModule('server/telemetry.js');
	kit.init_tracing(import('@opentelemetry/api'));
	recordSpans['SvelteKit'] = kit.record_span;
	recordSpans['ours'] = createRecordSpan(tracing, tracer, {
		isHttpError: (error): error is never => error instanceof HttpError,
		isRedirect: (error): error is never => error instanceof Redirect
	});
});
beforeEach(() => void ended.splice(0));
afterAll(() => {
	context.disable();
	trace.disable();
});

/** What came of a call: its outcome and the spans that it has made, in the order in which they ended. */
interface Outcome {
	value?: unknown;
	error?: unknown;
	spans: unknown[];
}

async function outcomeOf(run: (recordSpan: RecordSpan) => Promise<unknown>, of: string): Promise<Outcome> {
	ended.splice(0);
	const settled = await run(recordSpans[of]!).then(
		(value) => ({ value }),
		(error: unknown) => ({ error })
	);
	const names = new Map(ended.map((span) => [span.spanContext().spanId, span.name]));
	return {
		...settled,
		spans: ended.map(({ name, kind, attributes, status, events, links, parentSpanContext }) => ({
			name,
			kind,
			attributes,
			status,
			links,
			events: events.map((event) => ({ name: event.name, attributes: event.attributes })),
			parent: parentSpanContext && names.get(parentSpanContext.spanId)
		}))
	};
}

const attributes: Attributes = { 'http.route': '/blog/[slug]', 'sveltekit.load.node_id': 'unknown' };
const load = (fn: (span: Span) => any) => (recordSpan: RecordSpan) =>
	recordSpan({ name: 'sveltekit.load', attributes, fn });
const failing = (error: () => unknown) =>
	load(async () => {
		await undefined;
		throw error();
	});
const known = new Error('known');

const withoutStack = (): Error => {
	const error = new TypeError('no stack');
	delete error.stack;
	return error;
};

const cases: [what: string, run: (recordSpan: RecordSpan) => Promise<unknown>][] = [
	['a promise of a value', load(async () => 'value')],
	['nothing', load(async () => {})],
	['a value that is no promise', load(() => 'value')],
	// oxlint-disable-next-line unicorn/no-thenable
	['a thenable', load(() => ({ then: (resolve: (value: string) => void) => resolve('value') }))],
	['a promise that fails with an Error', failing(() => known)],
	[
		'an Error at once',
		load(() => {
			throw known;
		})
	],
	['an Error without a stack', failing(() => Object.assign(known, withoutStack()))],
	['an Error without a message', failing(() => Object.assign(new Error(), { stack: 'stack' }))],
	['an expected error, 404', failing(() => new HttpError({ status: 404, message: 'Not there' }))],
	['an expected error, 500', failing(() => new HttpError({ status: 500, message: 'Broken' }))],
	['a redirect', failing(() => new Redirect(303, '/elsewhere?q=1'))],
	['a text', failing(() => 'text')],
	['nothing at all', failing(() => undefined)],
	['an object', failing(() => ({ status: 500 }))],
	['a span that the function has ended', load(async (span) => span.end())],
	[
		'attributes, status and name that the function sets',
		load(async (span) => {
			span.setAttributes({ a: 1 }).setStatus({ code: SpanStatusCode.OK }).updateName('other');
		})
	],
	[
		'spans below spans, also below the active one',
		(recordSpan) =>
			recordSpan({
				name: 'sveltekit.resolve',
				attributes: {},
				fn: async () => {
					await Promise.all([
						recordSpan({ name: 'sveltekit.load', attributes, fn: async () => 'a' }),
						recordSpan({
							name: 'sveltekit.endpoint',
							attributes,
							fn: async () => {
								await new Promise((resolve) => setTimeout(resolve));
								trace.getActiveSpan()!.setAttribute('active', true);
								return recordSpan({ name: 'sveltekit.form_action', attributes, fn: async () => 'b' });
							}
						})
					]);
					trace.getActiveSpan()!.setAttribute('active', true);
				}
			})
	],
	[
		'an error that passes through two spans',
		(recordSpan) =>
			recordSpan({
				name: 'sveltekit.resolve',
				attributes: {},
				fn: () => recordSpan({ name: 'sveltekit.load', attributes, fn: async () => Promise.reject(known) })
			})
	]
];

describe("record_span has the same results as SvelteKit's", () => {
	test.each(cases)('%s', async (_, run) => {
		const ours = await outcomeOf(run, 'ours');
		expect(ours.spans.length).toBeGreaterThan(0);
		expect(ours).toEqual(await outcomeOf(run, 'SvelteKit'));
	});

	test.each(['ours', 'SvelteKit'])(
		'%s: the very error is thrown, and the very value returned',
		async (of) => {
			const value = {};
			expect(await load(async () => value)(recordSpans[of]!)).toBe(value);
			await expect(failing(() => known)(recordSpans[of]!)).rejects.toBe(known);
		}
	);

	test.each(['ours', 'SvelteKit'])('%s: the span has ended when the promise settles', async (of) => {
		await load(async () => {})(recordSpans[of]!);
		expect(ended.map(({ name, ended: isEnded }) => [name, isEnded])).toEqual([['sveltekit.load', true]]);
	});

	test.each(['ours', 'SvelteKit'])('%s: an error that nobody handles is unhandled', async (of) => {
		const unhandled = new Promise((resolve) => process.once('unhandledRejection', resolve));
		void failing(() => known)(recordSpans[of]!);
		expect(await unhandled).toBe(known);
	});

	test('below a span that is not recorded, no span is created, and that span is passed to the function', async () => {
		const dropped = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 0 });
		for (const of of ['ours', 'SvelteKit']) {
			const seen = await contextManager.with(trace.setSpan(context.active(), dropped), () =>
				load(async (span) => span)(recordSpans[of]!)
			);
			expect(seen).toBe(dropped);
		}
		expect(ended).toEqual([]);
	});
});
