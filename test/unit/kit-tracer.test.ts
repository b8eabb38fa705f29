import {
	type Attributes,
	type Context,
	ROOT_CONTEXT,
	type SpanOptions,
	type TextMapGetter,
	trace
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { type Sampler, SamplingDecision, type Span as SdkSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { createQueryRedactor } from '../../files/http/query.ts';
import { RemoteFunctions } from '../../files/http/remote-functions.ts';
import { RequestContext } from '../../files/http/request-context.ts';
import type { TracedRequest } from '../../files/http/traced-request.ts';
import { KitPropagator } from '../../files/kit/kit-propagator.ts';
import { KitSpanProcessor } from '../../files/kit/kit-span-processor.ts';
import { KitTracer } from '../../files/kit/kit-tracer.ts';
import { ROOT } from '../../files/sdk/kit-names.ts';
import { createTracing } from './support/tracing.ts';

/** SvelteKit's root span of a request that the app makes to itself. */
const subRequest: SpanOptions = { attributes: { 'sveltekit.is_sub_request': true } };

describe('a request that the app makes to itself', () => {
	const { tracing } = createTracing();
	const tracer = new KitTracer(tracing);
	const propagator = new KitPropagator(new W3CTraceContextPropagator());
	const request = { awaitsKit: false, isInKit: true, isIgnored: false } as TracedRequest;
	const load = tracing.spans.start('load', {}, ROOT_CONTEXT);
	const below = trace.setSpan(new RequestContext(ROOT_CONTEXT, request, undefined), load);
	const getter: TextMapGetter = {
		keys: (carrier) => Object.keys(carrier as object),
		get: (carrier, key) => (carrier as Record<string, string>)[key]
	};
	// a copy of the headers of the incoming request
	const carrier = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
	const extracted = propagator.extract(below, carrier, getter);

	const parentOf = (context: Context): string | undefined => {
		const span = trace.getSpan(tracer.enter(ROOT, subRequest, context));
		return (span as unknown as { parentSpanContext?: { spanId: string } }).parentSpanContext?.spanId;
	};

	test('is below the load function that makes it, not below the caller of the app', () => {
		expect(trace.getSpanContext(extracted)!.spanId).toBe('b7ad6b7169203331');
		expect(parentOf(extracted)).toBe(load.spanContext().spanId);
	});

	test('is below the span that the app has started for it', () => {
		const own = tracing.spans.start('own', {}, below);
		expect(parentOf(trace.setSpan(extracted, own))).toBe(own.spanContext().spanId);
	});
});

test('the root span is the SERVER span, also if only the span tells that SvelteKit has got the request', () => {
	const tracer = new KitTracer(createTracing().tracing);
	const calls: string[] = [];
	const request = {
		awaitsKit: true,
		isInKit: false,
		enterKit: (active: Context) => (calls.push('enterKit'), active),
		startRoot: (_: Attributes, active: Context) => (calls.push('startRoot'), active)
	} as unknown as TracedRequest;
	tracer.enter(ROOT, {}, new RequestContext(ROOT_CONTEXT, request, undefined));
	expect(calls).toEqual(['enterKit', 'startRoot']);
});

describe('the spans below one', () => {
	const sampler = (decision: SamplingDecision): Sampler => ({ shouldSample: () => ({ decision }) });

	test.each([
		['that is recorded and sampled', SamplingDecision.RECORD_AND_SAMPLED, true],
		// processors see it, and its children
		['that is recorded only', SamplingDecision.RECORD, true],
		['that is dropped', SamplingDecision.NOT_RECORD, false]
	])('%s are made: %s', (_, decision, isMade) => {
		const { tracing } = createTracing({}, sampler(decision));
		const outer = trace.setSpan(ROOT_CONTEXT, tracing.spans.start('outer', {}, ROOT_CONTEXT));
		const inner = new KitTracer(tracing).enter('sveltekit.load', {}, outer);
		expect(inner !== outer).toBe(isMade);
		expect(trace.getSpan(inner)!.isRecording()).toBe(isMade);
	});
});

describe('the attributes of a span', () => {
	const { tracing } = createTracing();
	const tracer = new KitTracer(tracing);

	test("are not the caller's object, which it may use again", () => {
		const attributes = { 'http.route': '/a' };
		for (let again = 0; again < 2; again++) {
			tracer.startActiveSpan('sveltekit.load', { attributes }, (span) =>
				span.setAttribute('status', 200).end()
			);
			tracer.startSpan('sveltekit.load', { attributes }).setAttribute('status', 200).end();
		}
		expect(attributes).toEqual({ 'http.route': '/a' });
	});

	test.each<[when: string, start: Attributes, later: Attributes]>([
		['at the end', {}, { 'sveltekit.load.result.location': '/a?b=secret', 'http.response.body.size': '5' }],
		['at the start', { 'sveltekit.load.result.location': '/a?b=secret', 'http.response.body.size': '5' }, {}]
	])('that SvelteKit sets are fixed, also those that are set %s', (_, attributes, later) => {
		const processor = new KitSpanProcessor(
			tracing.contextManager,
			createQueryRedactor([]),
			new RemoteFunctions('', '_app')
		);
		const span = tracer.startSpan('sveltekit.load', { attributes }) as unknown as SdkSpan;
		span.setAttributes(later);
		processor.onEnding(span);
		expect(span.attributes).toEqual({
			'sveltekit.load.result.location': '/a?b=REDACTED',
			'http.response.body.size': 5
		});
	});
});
