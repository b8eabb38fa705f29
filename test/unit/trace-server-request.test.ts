import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
	ROOT_CONTEXT,
	type Span,
	type SpanContext,
	SpanKind,
	SpanStatusCode,
	isSpanContextValid,
	trace
} from '@opentelemetry/api';
import {
	AlwaysOffSampler,
	AlwaysOnSampler,
	type InMemorySpanExporter,
	type Sampler
} from '@opentelemetry/sdk-trace';
import { describe, expect, test, vi } from 'vitest';
import { RPCType, setRPCMetadata } from '@opentelemetry/core';
import { requestOf } from '../../files/http/request-context.ts';
import { ServerRequest } from '../../files/http/server-request.ts';
import type { RequestEnd, Tracing } from '../../files/http/tracing.ts';
import { createTracing } from './support/tracing.ts';

/** How a response ends; without more, sent in full. */
interface ResponseEnd {
	statusCode?: number;
	headersSent?: boolean;
	writableEnded?: boolean;
	writableFinished?: boolean;
	stream?: { rstCode: number; destroyed?: boolean };
}

/** What happens before its end. */
interface Course {
	/** Whether SvelteKit gets it. */
	isInKit?: boolean;
	/** What happens before SvelteKit is reached. */
	beforeKit?: () => void;
	/** What it does with the active span before its route is known. */
	reroute?: (active: Span) => void;
	/** Gets the root span, and whether it needed no context of its own. */
	app?: (root: Span, isSameContext: boolean) => void;
	ignore?: string[];
	sampler?: Sampler;
	/** When the response closes: before the handler is called, before SvelteKit is reached, or after all. */
	closes?: 'before the handler' | 'before SvelteKit' | 'at the end';
}

/** One request, with the properties of its response. */
function arrive(tracing: Tracing, response: ResponseEnd & { closed: boolean }, active = ROOT_CONTEXT) {
	const req = Object.assign(new EventEmitter(), {
		method: 'GET',
		url: '/a',
		httpVersion: '1.1',
		headers: { host: 'host' },
		socket: {}
	});
	const res = Object.assign(new EventEmitter(), { statusCode: 200, getHeaderNames: () => [], ...response });
	const request = new ServerRequest(
		req as unknown as IncomingMessage,
		res as unknown as ServerResponse,
		active,
		tracing
	);
	return { request, req, res };
}

/** Serves one request, as far as its SERVER span goes. */
function serve(
	end: ResponseEnd,
	{ isInKit = true, beforeKit, reroute, app, ignore = [], sampler, closes = 'at the end' }: Course = {}
): InMemorySpanExporter {
	const { tracing, exporter } = createTracing(
		{
			ignores: (pathOrRoute) => ignore.includes(pathOrRoute)
		},
		sampler
	);
	const { request, res } = arrive(tracing, {
		headersSent: true,
		writableEnded: true,
		writableFinished: true,
		closed: closes === 'before the handler',
		...end
	});
	request.enterHandler();
	if (closes === 'before SvelteKit') res.emit('close');
	beforeKit?.();
	if (isInKit) {
		const context = request.enterKit(request.context);
		reroute?.(trace.getSpan(context)!);
		const served = request.startRoot({ 'http.route': '/[a]' }, context);
		const root = trace.getSpan(served)!;
		app?.(root, served === context);
	}
	if (closes === 'at the end') res.emit('close');
	expect(tracing.open.size).toBe(0);
	return exporter;
}

describe('a SERVER span', () => {
	test.each([
		['that is not sampled', new AlwaysOffSampler(), { isRecording: false, isSameContext: true }, 0],
		['that is sampled', new AlwaysOnSampler(), { isRecording: true, isSameContext: false }, 1]
	])('%s', (_, sampler, expected, exported) => {
		const seen: object[] = [];
		const exporter = serve(
			{},
			{
				sampler,
				app(root, isSameContext) {
					expect(isSpanContextValid(root.setAttribute('a', 1).spanContext())).toBe(true);
					seen.push({ isRecording: root.isRecording(), isSameContext });
				}
			}
		);
		expect(seen).toEqual([expected]);
		expect(exporter.getFinishedSpans()).toHaveLength(exported);
	});

	test.each<[string, ResponseEnd, string | undefined, SpanStatusCode]>([
		['a response', {}, undefined, SpanStatusCode.UNSET],
		['a refusal', { statusCode: 404 }, undefined, SpanStatusCode.UNSET],
		['a failure', { statusCode: 503 }, '503', SpanStatusCode.ERROR],
		['a failure that is cut off', { statusCode: 500, writableFinished: false }, '500', SpanStatusCode.ERROR],
		['a response that is cut off', { writableFinished: false }, 'ECONNRESET', SpanStatusCode.UNSET],
		['no response', { headersSent: false, writableFinished: false }, 'ECONNRESET', SpanStatusCode.UNSET],
		['HTTP/2', { stream: { rstCode: 0 } }, undefined, SpanStatusCode.UNSET],
		['a stream that is cancelled', { stream: { rstCode: 8 } }, 'ECONNRESET', SpanStatusCode.UNSET],
		[
			'a stream that is not ended',
			{ stream: { rstCode: 0 }, writableEnded: false },
			'ECONNRESET',
			SpanStatusCode.UNSET
		]
	])('of %s', (_, end, errorType, code) => {
		const [span] = serve(end).getFinishedSpans();
		expect(span!.attributes['http.response.status_code']).toBe(
			end.headersSent === false ? undefined : (end.statusCode ?? 200)
		);
		expect(span!.attributes['error.type']).toBe(errorType);
		expect(span!.status).toEqual({ code });
	});

	test('starts when its request arrived, also if other code ran before SvelteKit, and ends with the response', () => {
		vi.useFakeTimers({ now: 1_763_800_000_000, toFake: ['Date', 'performance'] });
		const pass = (ms: number) => (): void => void vi.advanceTimersByTime(ms);
		const [span] = serve({}, { beforeKit: pass(300), app: pass(200) }).getFinishedSpans();
		vi.useRealTimers();
		expect(span).toMatchObject({ startTime: [1_763_800_000, 0], endTime: [1_763_800_000, 500_000_000] });
	});

	test('keeps the status that the app has set', () => {
		const app = (span: Span): void => void span.setStatus({ code: SpanStatusCode.OK });
		expect(serve({ statusCode: 500 }, { app }).getFinishedSpans()[0]!.status.code).toBe(SpanStatusCode.OK);
	});

	test('keeps SvelteKit’s message for an error', () => {
		const status = { code: SpanStatusCode.ERROR, message: 'failed' };
		const app = (span: Span): void => void span.setStatus(status);
		expect(serve({ statusCode: 500 }, { app }).getFinishedSpans()[0]!.status).toEqual(status);
	});

	test('ends with the response, not when SvelteKit ends its root span', () => {
		const app = (span: Span): void => {
			span.end();
			span.end();
			expect(span.isRecording()).toBe(true);
		};
		expect(serve({}, { app }).getFinishedSpans()).toHaveLength(1);
	});

	describe.each(['before the handler', 'before SvelteKit'] as const)(
		'of a response that closes %s is called',
		(closes) => {
			const app = (span: Span): void => {
				expect(span.isRecording()).toBe(true);
				span.end();
			};

			test.each<[string, ResponseEnd, string | undefined, number | undefined]>([
				['cut off', { headersSent: false, writableFinished: false }, 'ECONNRESET', undefined],
				['sent by other code', {}, undefined, 200],
				[
					'a cancelled stream',
					{ headersSent: false, stream: { rstCode: 8, destroyed: true } },
					'ECONNRESET',
					undefined
				]
			])('ends when SvelteKit ends its root span: %s', (_, end, errorType, status) => {
				const [span, ...others] = serve(end, { closes, app }).getFinishedSpans();
				expect(others).toEqual([]);
				expect(span).toMatchObject({ name: 'GET /[a]', kind: SpanKind.SERVER });
				expect(span!.attributes['error.type']).toBe(errorType);
				expect(span!.attributes['http.response.status_code']).toBe(status);
			});
		}
	);

	test.each<[number, number]>([
		[200, 0],
		[206, 0],
		[304, 0],
		[308, 0],
		[405, 0],
		[416, 0],
		[400, 1],
		[404, 1],
		[500, 1]
	])('of a request that SvelteKit has not seen, answered with %i: %i', (statusCode, count) => {
		expect(serve({ statusCode }, { isInKit: false }).getFinishedSpans()).toHaveLength(count);
	});

	test.each<[string, boolean]>([
		['/a', true],
		['/a', false],
		['/[a]', true]
	])('is not there when %s is ignored (seen by SvelteKit: %s)', (ignored, isInKit) => {
		const exporter = serve({ statusCode: 500 }, { isInKit, ignore: [ignored] });
		expect(exporter.getFinishedSpans()).toEqual([]);
	});

	test('is kept if its route is ignored but a span below it has already started', () => {
		const [span] = serve(
			{},
			{ reroute: (active) => active.spanContext(), ignore: ['/[a]'] }
		).getFinishedSpans();
		expect(span).toMatchObject({ name: 'GET', kind: SpanKind.SERVER });
	});
});

test.each([true, false])('its listeners are called in its context if spans are created: %s', (makesSpans) => {
	const { tracing } = createTracing({ makesSpans });
	const { request, req } = arrive(tracing, { closed: false });
	request.enterHandler();
	request.enterKit(request.context);
	let active: unknown;
	req.once('end', () => (active = requestOf(tracing.contextManager.active())));
	req.emit('end');
	expect(active === request).toBe(makesSpans);
});

describe('a request whose client leaves before SvelteKit gets it is measured once, and is no longer active', () => {
	const traces = {
		'without traces': undefined,
		unsampled: new AlwaysOffSampler(),
		sampled: new AlwaysOnSampler()
	};
	const cases = Object.entries(traces).flatMap(([what, sampler]) =>
		(['before the handler', 'before SvelteKit', 'at the end'] as const).map((closes) => ({
			what,
			sampler,
			closes
		}))
	);
	test.each(cases)('$what, $closes', ({ sampler, closes }) => {
		let active = 0;
		const ended: unknown[] = [];
		const { tracing } = createTracing(
			{
				makesSpans: sampler !== undefined,
				measureRequest: () => {
					active++;
					return (end) => {
						active--;
						if (end) ended.push([end.route, end.error]);
					};
				}
			},
			sampler
		);
		const { request, res } = arrive(tracing, {
			closed: closes === 'before the handler',
			writableFinished: closes === 'at the end'
		});
		request.enterHandler();
		if (closes === 'before SvelteKit') res.emit('close');
		const inner = request.startRoot({ 'http.route': '/[a]' }, request.enterKit(request.context));
		// one that is over is never active
		expect([active, tracing.open.size]).toEqual(closes === 'at the end' ? [1, 1] : [0, 0]);
		for (let end = 0; end < 2; end++) trace.getSpan(inner)!.end();
		if (closes === 'at the end') res.emit('close');
		expect(ended).toEqual([['/[a]', closes === 'at the end' ? undefined : 'ECONNRESET']]);
		expect(active).toBe(0);
		expect(tracing.open.size).toBe(0);
	});
});

test('a request whose route is ignored is no longer active, and is not measured', () => {
	const ended: unknown[] = [];
	const { tracing } = createTracing({
		ignores: (each) => each === '/[a]',
		measureRequest: () => (end) => void ended.push(end)
	});
	const { request, res } = arrive(tracing, { headersSent: true, writableFinished: true, closed: false });
	request.enterHandler();
	request.startRoot({ 'http.route': '/[a]' }, request.enterKit(request.context));
	expect(ended).toEqual([undefined]);
	res.emit('close');
	expect(ended.filter((end) => end !== undefined)).toEqual([]);
});

test.each<[string, ResponseEnd, Partial<RequestEnd>]>([
	['that is sent', { statusCode: 201, writableFinished: true }, { status: 201, error: undefined }],
	['that was never begun', { headersSent: false }, { status: undefined, error: 'ECONNRESET' }],
	['that fails', { statusCode: 503, writableFinished: true }, { status: 503, error: '503' }]
])('what is measured of a response %s', (_, response, expected) => {
	vi.useFakeTimers({ toFake: ['performance'] });
	const ended: unknown[] = [];
	const { tracing } = createTracing({
		makesSpans: false,
		measureRequest: () => (end) => void ended.push(end)
	});
	// an instrumentation of the custom server knows its route
	const rpc = { type: RPCType.HTTP, route: '/rest' } as const;
	const { res } = arrive(
		tracing,
		{ headersSent: true, writableEnded: true, writableFinished: false, closed: false, ...response },
		setRPCMetadata(ROOT_CONTEXT, rpc as never)
	);
	vi.advanceTimersByTime(250);
	res.emit('close');
	vi.useRealTimers();
	expect(ended).toEqual([{ seconds: 0.25, route: '/rest', spanContext: undefined, ...expected }]);
});

describe('the span of a request that SvelteKit does not get is the one that is measured', () => {
	test.each([
		['a custom server answers', false, 200, 1],
		['adapter-node refuses it', true, 413, 1],
		['it is for a file', true, 200, 0]
	])('%s', (_, isInHandler, statusCode, spans) => {
		const ended: (SpanContext | undefined)[] = [];
		const { tracing, exporter } = createTracing({
			measureFiles: true,
			measureRequest: () => (end) => void ended.push(end?.spanContext)
		});
		const { request, res } = arrive(tracing, {
			statusCode,
			headersSent: true,
			writableEnded: true,
			writableFinished: true,
			closed: false
		});
		if (isInHandler) request.enterHandler();
		res.emit('close');
		const ids = exporter.getFinishedSpans().map((span) => span.spanContext());
		expect(ids).toHaveLength(spans);
		expect(ended).toEqual(spans > 0 ? ids : [undefined]);
	});
});
