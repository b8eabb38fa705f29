import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ROOT_CONTEXT, type Span, diag, trace } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import {
	InMemorySpanExporter,
	type ReadableSpan,
	SimpleSpanProcessor,
	TracerProvider
} from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LINGER_MS } from '../../files/http/lingering.ts';
import { createQueryRedactor } from '../../files/http/query.ts';
import { RemoteFunctions } from '../../files/http/remote-functions.ts';
import { ServerRequest } from '../../files/http/server-request.ts';
import type { Tracing } from '../../files/http/tracing.ts';
import { KitSpanProcessor } from '../../files/kit/kit-span-processor.ts';
import { createTracing } from './support/tracing.ts';

const FASTIFY = '@opentelemetry/instrumentation-fastify';

/** One request, in which SvelteKit and others start spans. */
function createRequest() {
	const exporter = new InMemorySpanExporter();
	const { tracing } = createTracing();
	const processor = new KitSpanProcessor(
		tracing.contextManager,
		createQueryRedactor([]),
		new RemoteFunctions('', '_app')
	);
	const provider = new TracerProvider({
		spanProcessors: [processor, new SimpleSpanProcessor({ exporter })]
	});
	const shared: Tracing = {
		...tracing,
		spans: {
			start: (name, { kind }, active) =>
				provider.getTracer('sveltekit').startSpan(name, kind === undefined ? {} : { kind }, active)
		}
	};
	const req = Object.assign(new EventEmitter(), { method: 'GET', url: '/a', headers: {}, socket: {} });
	const res = Object.assign(new EventEmitter(), {
		statusCode: 200,
		headersSent: true,
		writableFinished: false,
		getHeaderNames: () => []
	});
	const request = new ServerRequest(
		req as unknown as IncomingMessage,
		res as unknown as ServerResponse,
		ROOT_CONTEXT,
		shared
	);
	request.enterHandler();
	const inKit = request.startRoot({}, request.enterKit(request.context));
	return {
		request,
		tracing: shared,
		processor,
		root: trace.getSpan(inKit)!,
		/** Starts a span below another one. */
		start: (scope: string, name: string, parent?: Span): Span =>
			provider.getTracer(scope).startSpan(name, {}, parent ? trace.setSpan(inKit, parent) : inKit),
		startLoose: (name: string): Span => provider.getTracer('app').startSpan(name, {}, ROOT_CONTEXT),
		/** The response is sent, or cut off. */
		close(isSent = false) {
			res.writableFinished = isSent;
			res.emit('close');
		},
		names: () => exporter.getFinishedSpans().map(({ name }) => name),
		span: (name: string): ReadableSpan => exporter.getFinishedSpans().find((each) => each.name === name)!
	};
}

/** The exporter has timers, too, that end at once. */
const timerCount = (): number => vi.advanceTimersByTime(1).getTimerCount();

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }));

afterEach(() => {
	vi.useRealTimers();
	diag.disable();
});

describe('what is open when a response is over', () => {
	test('of SvelteKit, and what is below it, is ended after a time, as of the end of the response', () => {
		const { start, close, names, span, root } = createRequest();
		const load = start('sveltekit', 'load');
		const inner = start('app', 'inner', load);
		start('app', 'done', inner).end();
		vi.advanceTimersByTime(500);
		close();
		vi.advanceTimersByTime(LINGER_MS - 1);
		expect(names()).toEqual(['done', 'GET']);
		vi.advanceTimersByTime(1);
		expect(names()).toEqual(['done', 'GET', 'inner', 'load']);
		for (const name of ['inner', 'load', 'GET'])
			expect(span(name).attributes['error.type'], name).toBe('ECONNRESET');
		const { endTime } = root as Span & ReadableSpan;
		expect(Math.abs(hrTimeToMilliseconds(span('load').endTime) - hrTimeToMilliseconds(endTime))).toBeLessThan(
			2
		);
		expect(timerCount()).toBe(0);
	});

	test('may be used and ended later by its owner, without a message', () => {
		const { start, close, names, span } = createRequest();
		const load = start('sveltekit', 'load');
		close();
		vi.advanceTimersByTime(LINGER_MS);
		const said = vi.fn<() => void>();
		diag.setLogger({ error: said, warn: said, info: said, debug: said, verbose: said });
		said.mockClear();
		load.setAttribute('a', 1).setAttributes({ b: 1 }).addEvent('c').setStatus({ code: 2 }).updateName('d');
		load.addLink({ context: load.spanContext() }).addLinks([]);
		load.recordException(new Error('e'));
		load.end();
		expect(said).not.toHaveBeenCalled();
		expect(names()).toEqual(['GET', 'load']);
		expect(span('load').attributes).toEqual({ 'error.type': 'ECONNRESET' });
	});

	test('of a framework is ended without an error if the response was sent', () => {
		const { start, close, span } = createRequest();
		start(FASTIFY, 'request handler');
		close(true);
		vi.advanceTimersByTime(LINGER_MS);
		expect(span('request handler').attributes).toEqual({});
	});

	test('of the app continues, and is ended when the process ends', () => {
		const { start, close, names, span, tracing } = createRequest();
		start('app', 'endless');
		const job = start('app', 'job');
		close(true);
		vi.advanceTimersByTime(3 * LINGER_MS);
		expect(names()).toEqual(['GET']);
		job.end();
		tracing.lingering.abandon();
		expect(names()).toEqual(['GET', 'job', 'endless']);
		expect(span('job').attributes).toEqual({});
		expect(span('endless').attributes['error.type']).toBe('process_exit');
		expect(timerCount()).toBe(0);
	});

	test('also if it has started after that', () => {
		const { start, close, names } = createRequest();
		close();
		start('sveltekit', 'load');
		vi.advanceTimersByTime(LINGER_MS);
		expect(names()).toEqual(['GET', 'load']);
	});

	test('is not ended if it is young: work that continues, and calls the app itself', () => {
		const { start, close, names, span } = createRequest();
		close(true);
		start('sveltekit', 'first call').end();
		vi.advanceTimersByTime(LINGER_MS - 1000);
		const call = start('sveltekit', 'second call');
		vi.advanceTimersByTime(2000);
		expect(names()).toEqual(['GET', 'first call']);
		call.end();
		expect(hrTimeToMilliseconds(span('second call').duration)).toBeCloseTo(2000, 0);
		expect(timerCount()).toBeLessThanOrEqual(1);
		vi.advanceTimersByTime(LINGER_MS);
		expect(timerCount()).toBe(0);
	});

	test('of work that continues says at the end of the process that it has not ended', () => {
		const { start, close, span, tracing } = createRequest();
		close(true);
		vi.advanceTimersByTime(1000);
		start('sveltekit', 'call');
		tracing.lingering.abandon();
		expect(span('call').attributes['error.type']).toBe('process_exit');
	});

	test('of the app does not hold the request', () => {
		const { start, close, tracing } = createRequest();
		start('app', 'endless');
		close(true);
		vi.advanceTimersByTime(LINGER_MS);
		expect(tracing.lingering.size).toBe(0);
		expect(timerCount()).toBe(0);
	});

	test('keeps the error.type of the app, and one that cannot be ended does not stop the others', () => {
		const { start, close, names, span } = createRequest();
		const broken = start('sveltekit', 'broken');
		broken.end = () => {
			throw new Error('of a library');
		};
		start('sveltekit', 'load').setAttribute('error.type', 'Timeout');
		close();
		vi.advanceTimersByTime(LINGER_MS);
		expect(names()).toEqual(['GET', 'load']);
		expect(span('load').attributes['error.type']).toBe('Timeout');
	});

	test('is ended at once when the server has closed', () => {
		const { start, close, names, tracing } = createRequest();
		start('sveltekit', 'load');
		close();
		tracing.lingering.settle();
		expect(names()).toEqual(['GET', 'load']);
	});

	test('needs no timer if there is nothing', () => {
		const { start, close, names, tracing } = createRequest();
		start('sveltekit', 'load').end();
		close(true);
		expect(timerCount()).toBe(0);
		expect(tracing.lingering.size).toBe(0);
		expect(names()).toEqual(['load', 'GET']);
	});

	test('is ended earlier if too many requests have open spans', () => {
		const { request, tracing } = createRequest();
		const settled: number[] = [];
		for (let index = 0; index <= 1024; index++) {
			const settle = (): boolean => settled.push(index) < 0;
			const takeOpenSpans = (): [] => [];
			tracing.lingering.add(
				Object.create(request, { settle: { value: settle }, takeOpenSpans: { value: takeOpenSpans } })
			);
		}
		expect(settled).toEqual([0]);
		expect(tracing.lingering.size).toBe(1024);
	});
});

describe('what is open when the process ends', () => {
	test('of a request is ended with it, and says so', () => {
		const { start, request, names, span } = createRequest();
		start('app', 'inner', start('sveltekit', 'load'));
		request.abandon();
		expect(names()).toEqual(['GET', 'inner', 'load']);
		for (const name of names()) expect(span(name).attributes['error.type'], name).toBe('process_exit');
	});

	test('of no request is ended, too, up to a limit', () => {
		const { processor, startLoose, names } = createRequest();
		for (let index = 0; index < 3000; index++) startLoose('loose');
		startLoose('last');
		processor.abandon();
		expect(names()[0]).toBe('last');
		expect(names().length).toBeLessThan(2100);
	});
});
