import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import {
	AlwaysOffSampler,
	AlwaysOnSampler,
	InMemorySpanExporter,
	type Sampler,
	SimpleSpanProcessor,
	TracerProvider
} from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { RequestContext } from '../../files/http/request-context.ts';
import type { TracedRequest } from '../../files/http/traced-request.ts';
import { BOUNDS } from '../../files/kept/bounds.ts';
import { describeRules } from '../../files/traces/describe-rules.ts';
import { keepTraces } from '../../files/kept/keep-traces.ts';
import type { KeepRules } from '../../files/kept/kept-request.ts';
import { captureStderr } from './support/stderr.ts';

const told = captureStderr();

afterEach(() => {
	vi.useRealTimers();
});

function keep(rules: KeepRules, sampler: Sampler = new AlwaysOffSampler()) {
	const exporter = new InMemorySpanExporter();
	const exporting = new SimpleSpanProcessor({ exporter });
	const kept = keepTraces(rules, sampler, [exporting]);
	const provider = new TracerProvider({
		sampler: kept.sampler,
		spanProcessors: [kept.processor, exporting]
	});
	const tracer = provider.getTracer('app');

	/** Begins a request, and says how its spans are made. */
	const begin = (contentType = 'text/html') => {
		const res = Object.assign(new EventEmitter(), {
			getHeader: () => contentType,
			writeHead() {}
		}) as unknown as ServerResponse;
		const request = {
			req: {} as IncomingMessage,
			res,
			timeOf: (now: number) => [0, Math.round((performance.timeOrigin + now) * 1e6)]
		} as unknown as TracedRequest;
		const context = new RequestContext(ROOT_CONTEXT, request, undefined);
		const startTime = performance.timeOrigin + performance.now();
		const server = tracer.startSpan('GET /', { kind: SpanKind.SERVER, startTime }, context);
		const below = trace.setSpan(context, server);
		const child = (name: string, scope = 'app'): Span => provider.getTracer(scope).startSpan(name, {}, below);
		return { server, child, res };
	};
	const exported = () =>
		exporter
			.getFinishedSpans()
			.map(({ name, attributes }) =>
				[name, ...(attributes['sveltekit.kept'] ? [attributes['sveltekit.kept']] : [])].join(' ')
			);
	return { begin, exported, exporter, tracer, processor: kept.processor };
}

const errors: KeepRules = { keepErrors: true };

describe('an unsampled request', () => {
	test.each<[what: string, fail: (server: Span, child: Span) => void]>([
		['that sets its span to ERROR', (server) => server.setStatus({ code: SpanStatusCode.ERROR })],
		['that answers 503', (server) => server.setAttribute('http.response.status_code', 503)],
		['in which an exception was recorded', (_, child) => child.recordException(new Error('x'))],
		['with a span that is an error', (_, child) => child.setStatus({ code: SpanStatusCode.ERROR })]
	])('%s is exported whole', (_, fail) => {
		const { begin, exported, exporter } = keep(errors);
		const { server, child } = begin();
		const inner = child('inner');
		fail(server, inner);
		inner.end();
		expect(exported()).toEqual([]);
		server.end();
		expect(exported()).toEqual(['inner', 'GET / error']);
		const [first, last] = exporter.getFinishedSpans();
		expect(first!.parentSpanContext!.spanId).toBe(last!.spanContext().spanId);
		expect(last!.ended).toBe(true);
		expect(last!.duration[0]).toBeGreaterThanOrEqual(0);
	});

	test.each<[what: string, course: (server: Span, child: Span) => void]>([
		['goes well', () => {}],
		['is refused', (server) => server.setAttribute('http.response.status_code', 404)]
	])('and %s is not exported', (_, course) => {
		const { begin, exported, processor } = keep(errors);
		const { server, child } = begin();
		const inner = child('inner');
		course(server, inner);
		inner.end();
		server.end();
		expect(exported()).toEqual([]);
		expect(processor.held).toEqual({ requests: 0, bytes: 0, discarded: 0 });
	});

	test('is not kept for errors that only a library reports', () => {
		const { begin, exported } = keep(errors);
		const { server, child } = begin();
		const fetched = child('GET', '@opentelemetry/instrumentation-undici');
		fetched.setStatus({ code: SpanStatusCode.ERROR });
		fetched.end();
		server.end();
		expect(exported()).toEqual([]);
	});

	test('is exported with spans that end after it', () => {
		const { begin, exported } = keep(errors);
		const { server, child } = begin();
		const late = child('late');
		server.recordException(new Error('x'));
		server.end();
		late.end();
		expect(exported()).toEqual(['GET / error', 'late']);
	});

	test('propagates the sampler’s flag', () => {
		const { server, child } = keep(errors).begin();
		for (const span of [server, child('inner')]) expect(span.spanContext().traceFlags).toBe(TraceFlags.NONE);
	});

	test('is slow by the end of its response; an error has precedence', async () => {
		const { begin, exported } = keep({ keepErrors: true, keepSlowerThanMs: 20 });
		const [slow, both, fast] = [begin(), begin(), begin()];
		fast.server.end();
		await new Promise((resolve) => setTimeout(resolve, 40));
		slow.server.end();
		both.server.recordException(new Error('x'));
		both.server.end();
		expect(exported()).toEqual(['GET / slow', 'GET / error']);
	});

	test('is slow by the headers of an event stream', async () => {
		const { begin, exported } = keep({ keepErrors: false, keepSlowerThanMs: 20 });
		const [early, late] = [begin('text/event-stream'), begin('text/event-stream')];
		early.res.writeHead(200);
		await new Promise((resolve) => setTimeout(resolve, 40));
		late.res.writeHead(200);
		early.server.end();
		late.server.end();
		expect(exported()).toEqual(['GET / slow']);
	});
});

test('a sampled request is not changed', () => {
	const { begin, exported } = keep(errors, new AlwaysOnSampler());
	const { server, child } = begin();
	child('inner').end();
	server.recordException(new Error('x'));
	server.end();
	expect(exported()).toEqual(['inner', 'GET /']);
});

test('without a rule nothing is recorded', () => {
	expect(keep({ keepErrors: false }).begin().server.isRecording()).toBe(false);
});

test('spans without a request are not recorded', () => {
	expect(keep(errors).tracer.startSpan('job').isRecording()).toBe(false);
});

describe('of requests that hang', () => {
	test('the oldest are dropped, counted and logged', () => {
		const { begin, processor, exported } = keep(errors);
		const first = begin();
		for (let index = 0; index < BOUNDS.requests; index++) begin();
		expect(processor.held).toMatchObject({ requests: BOUNDS.requests, discarded: 1 });
		expect(first.child('more').isRecording()).toBe(false);
		first.server.recordException(new Error('x'));
		first.server.end();
		expect(exported()).toEqual([]);
		expect(told.join('')).toMatch(
			/1 requests so far were dropped before they ended .* OTEL_SVELTEKIT_IGNORE\n$/
		);
	});

	test('what is dropped is logged once a minute, with all that was dropped before', () => {
		vi.useFakeTimers({ toFake: ['performance'] });
		const { begin } = keep(errors);
		for (let index = 0; index < BOUNDS.requests + 10; index++) begin();
		expect(told).toHaveLength(1);
		vi.advanceTimersByTime(60_000);
		begin();
		expect(told).toHaveLength(2);
		expect(told[1]).toContain(': 11 requests so far were dropped');
	});

	test('a request with spans above the memory limit of one request is dropped', () => {
		const { begin, processor } = keep(errors);
		const { child } = begin();
		child('large')
			.setAttribute('text', 'x'.repeat(BOUNDS.requestBytes + 1))
			.end();
		expect(processor.held).toEqual({ requests: 0, bytes: 0, discarded: 1 });
	});

	test('a request above the span limit is dropped, and kept if it has already failed', () => {
		const { begin, processor, exported } = keep(errors);
		for (const fails of [false, true]) {
			const { server, child } = begin();
			const first = child('first');
			if (fails) first.recordException(new Error('x'));
			first.end();
			for (let index = 0; index < BOUNDS.requestSpans; index++) child('more').end();
			child('last').end();
			server.end();
		}
		expect(processor.held).toEqual({ requests: 0, bytes: 0, discarded: 1 });
		expect(exported()).toHaveLength(BOUNDS.requestSpans + 3);
		expect(exported().at(-1)).toBe('GET / error');
	});

	test('all of them together stay below the memory limit', () => {
		const { begin, processor } = keep(errors);
		for (let index = 0; index < 100; index++) {
			begin()
				.child('large')
				.setAttribute('text', 'x'.repeat(512 * 1024))
				.end();
			expect(processor.held.bytes).toBeLessThanOrEqual(BOUNDS.bytes);
		}
		expect(processor.held.discarded).toBeGreaterThan(0);
	});

	test('one that lasts too long is dropped', () => {
		vi.useFakeTimers({ toFake: ['performance'] });
		const { begin, processor } = keep(errors);
		begin();
		vi.advanceTimersByTime(BOUNDS.ageMs + 1);
		begin();
		expect(processor.held).toMatchObject({ requests: 1, discarded: 1 });
	});
});

test.each<[KeepRules, string]>([
	[{ keepErrors: true }, 'keeping errors'],
	[{ keepErrors: false, keepSlowerThanMs: 5 }, 'keeping requests slower than 5 ms'],
	[{ keepErrors: true, keepSlowerThanMs: 5 }, 'keeping errors and requests slower than 5 ms']
])('%j is logged at start', (rules, line) => {
	expect(describeRules({ keepSlowerThanMs: undefined, ...rules, sample: {} })).toEqual([line]);
});
