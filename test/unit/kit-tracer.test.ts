import { type Context, ROOT_CONTEXT, type SpanOptions, type TextMapGetter, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { RequestContext } from '../../files/http/request-context.ts';
import type { TracedRequest } from '../../files/http/traced-request.ts';
import { KitPropagator } from '../../files/kit/kit-propagator.ts';
import { KitTracer } from '../../files/kit/kit-tracer.ts';
import { ROOT } from '../../files/kit/names.ts';
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
