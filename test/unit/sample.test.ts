import { type Context, ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { parseSample } from '../../files/config/sample.ts';
import { createSampler } from '../../files/traces/sampler.ts';
import { ValidationError } from '../../files/config/variable.ts';
import { RequestContext } from '../../files/http/request-context.ts';
import type { TracedRequest } from '../../files/http/traced-request.ts';
import { describeRules } from '../../files/traces/describe-rules.ts';
import { samplerByRoute } from '../../files/traces/route-sampler.ts';

describe('ratios of patterns', () => {
	test.each([
		['/api/health/**:0,/checkout/**:1', { '/api/health/**': 0, '/checkout/**': 1 }],
		[' /a : 0.5 , /b:1e-3 ', { '/a': 0.5, '/b': 0.001 }],
		['/blog/[slug]:.25', { '/blog/[slug]': 0.25 }],
		['/^\\/a,b:c{1,2}/i:0.5,/d:1', { '/^\\/a,b:c{1,2}/i': 0.5, '/d': 1 }],
		['/^\\/a:1\\x2cb/:0', { '/^\\/a:1\\x2cb/': 0 }],
		['/a:0,/a:1', { '/a': 0 }],
		['/(:1,/b:0', { '/(': 1, '/b': 0 }],
		['none', {}]
	])('%s', (text, ratios) => {
		expect(parseSample(text)).toEqual(ratios);
	});

	test.each([
		['/a', undefined, '"/a"'],
		['/a:2', undefined, '"/a:2"'],
		['/a:0,/b:10%', { '/a': 0 }, '"/b:10%"'],
		['/a:,/b:1', undefined, '"/a:,/b:1"'],
		['/(/:1,/b:0', { '/b': 0 }, '"/(/:1"']
	])('%s is logged', (text, used, bad) => {
		const result = parseSample(text);
		expect(result).toBeInstanceOf(ValidationError);
		expect((result as ValidationError<object>).value).toEqual(used);
		expect((result as ValidationError<object>).problem).toContain(bad);
	});
});

describe('sampling by route', () => {
	const withRules = samplerByRoute({
		'/api/health/**': 0,
		'/checkout/[id]': 1,
		'/^\\/api\\//': 1
	});

	const contextOf = (url: string, route?: string, parent?: TraceFlags): Context => {
		const request = { req: { url }, route: { matched: route } } as unknown as TracedRequest;
		const span =
			parent === undefined
				? undefined
				: trace.wrapSpanContext({
						traceId: 'a'.repeat(32),
						spanId: 'b'.repeat(16),
						traceFlags: parent,
						isRemote: true
					});
		return new RequestContext(ROOT_CONTEXT, request, span);
	};
	const isSampled = (sampler: Sampler, context: Context, kind = SpanKind.SERVER): boolean =>
		sampler.shouldSample(context, 'a'.repeat(32), 'GET', kind, {}, []).decision ===
		SamplingDecision.RECORD_AND_SAMPLED;

	const never = createSampler({ name: 'parentbased', root: { name: 'always_off' } }, withRules);
	const always = createSampler({ name: 'parentbased', root: { name: 'always_on' } }, withRules);

	test('uses the first pattern that matches the path or the route, otherwise the sampler', () => {
		expect(isSampled(always, contextOf('/api/health/live?a'))).toBe(false);
		expect(isSampled(never, contextOf('/checkout/7', '/checkout/[id]'))).toBe(true);
		expect(isSampled(never, contextOf('/api/post'))).toBe(true);
		expect(isSampled(never, contextOf('/'))).toBe(false);
		expect(isSampled(always, contextOf('/'))).toBe(true);
		expect(isSampled(always, ROOT_CONTEXT)).toBe(true);
	});

	test('is decided by the parent if the sampler is parent-based', () => {
		expect(isSampled(always, contextOf('/api/health/live', undefined, TraceFlags.SAMPLED))).toBe(true);
		expect(isSampled(never, contextOf('/api/post', undefined, TraceFlags.NONE))).toBe(false);
	});

	test('applies to all spans of a request if it is not parent-based', () => {
		const off = createSampler({ name: 'always_off' }, withRules);
		expect(isSampled(off, contextOf('/api/post', undefined, TraceFlags.SAMPLED), SpanKind.INTERNAL)).toBe(
			true
		);
		expect(isSampled(off, contextOf('/', undefined, TraceFlags.SAMPLED), SpanKind.INTERNAL)).toBe(false);
	});

	test('is in the startup line, in the format of the variable', () => {
		const rules = { keepErrors: false, keepSlowerThanMs: undefined, sample: { '/a': 0, '/b': 0.5 } };
		expect(describeRules(rules)).toEqual(['sampling /a:0,/b:0.5']);
	});
});
