import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Attributes, ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator } from '@opentelemetry/core';
import {
	InMemorySpanExporter,
	type ReadableSpan,
	SimpleSpanProcessor,
	TracerProvider
} from '@opentelemetry/sdk-trace';
import { beforeEach, describe, expect, test } from 'vitest';
import { RemoteFunctions } from '../../files/http/remote-functions.ts';
import type { Tracing } from '../../files/http/tracing.ts';
import { KitSpanProcessor } from '../../files/kit/kit-span-processor.ts';
import { createQueryRedactor } from '../../files/http/query.ts';
import { ServerRequest } from '../../files/http/server-request.ts';
import { KIT } from '../../files/sdk/kit-names.ts';

const contextManager = new AsyncLocalStorageContextManager().enable();
const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({
	spanProcessors: [
		new KitSpanProcessor(contextManager, createQueryRedactor(['page']), new RemoteFunctions('', '_app')),
		new SimpleSpanProcessor({ exporter })
	]
});

/** A context as it is while a request is served, but for the SERVER span. */
const inRequest = () =>
	trace.deleteSpan(
		new ServerRequest(
			{ headers: {} } as IncomingMessage,
			{ addListener() {} } as unknown as ServerResponse,
			ROOT_CONTEXT,
			{
				ignores: () => false,
				publicEndpoint: false,
				propagator: new CompositePropagator()
			} as unknown as Tracing
		).context
	);

/** Runs a function in a span below the active one, as SvelteKit does. */
function within(scope: string, name: string, run: (span: Span) => void): void {
	const span = provider.getTracer(scope).startSpan(name, {}, contextManager.active());
	contextManager.with(trace.setSpan(contextManager.active(), span), () => {
		try {
			run(span);
		} catch (error) {
			span.recordException(error as Error);
			throw error;
		} finally {
			span.end();
		}
	});
}

const exceptions = (): string[] =>
	exporter
		.getFinishedSpans()
		.flatMap(({ name, events }) =>
			events.map(({ attributes }) => `${name}: ${attributes?.['exception.message']}`)
		);

const nanoseconds = ([seconds, nanos]: readonly [number, number]): bigint =>
	BigInt(seconds) * 1_000_000_000n + BigInt(nanos);

beforeEach(() => exporter.reset());

describe('an exception', () => {
	const fail = (message = 'failed'): never => {
		throw new Error(message);
	};

	test('stays on the innermost span that it passes through', () => {
		contextManager.with(inRequest(), () => {
			expect(() =>
				within(KIT, 'outer', () => within(KIT, 'middle', () => within(KIT, 'inner', () => fail())))
			).toThrow('failed');
		});
		expect(exceptions()).toEqual(['inner: failed']);
	});

	test('stays where other code has recorded it', () => {
		contextManager.with(inRequest(), () => {
			expect(() => within('app', 'of the app', () => within(KIT, 'inner', () => fail()))).toThrow('failed');
		});
		expect(exceptions()).toEqual(['inner: failed', 'of the app: failed']);
	});

	test('stays on a span of its own when it is thrown twice', () => {
		const error = new Error('failed');
		const throwIt = (): never => {
			throw error;
		};
		contextManager.with(inRequest(), () => {
			within(KIT, 'outer', () => {
				expect(() => within(KIT, 'first', throwIt)).toThrow('failed');
				expect(() => within(KIT, 'second', throwIt)).toThrow('failed');
			});
		});
		expect(exceptions()).toEqual(['first: failed', 'second: failed']);
	});

	test('is recorded also if another one was recorded before', () => {
		contextManager.with(inRequest(), () => {
			expect(() =>
				within(KIT, 'outer', () => {
					expect(() => within(KIT, 'inner', () => fail('first'))).toThrow('first');
					fail('second');
				})
			).toThrow('second');
		});
		expect(exceptions()).toEqual(['inner: first', 'outer: second']);
	});
});

describe('times', () => {
	test('of the spans of one request come from one clock, below a millisecond', () => {
		contextManager.with(inRequest(), () => {
			for (let round = 0; round < 20; round++) within(KIT, 'outer', () => within('app', 'inner', () => {}));
		});
		const spans = exporter.getFinishedSpans();
		expect(spans.some(({ startTime }) => startTime[1] % 1_000_000 !== 0)).toBe(true);
		const start = (span: ReadableSpan): bigint => nanoseconds(span.startTime);
		for (let index = 0; index < spans.length; index += 2) {
			const [inner, outer] = [spans[index]!, spans[index + 1]!];
			expect(start(inner)).toBeGreaterThanOrEqual(start(outer));
			expect(nanoseconds(inner.endTime)).toBeLessThanOrEqual(nanoseconds(outer.endTime));
		}
	});

	test('that are passed by the app do not change', () => {
		contextManager.with(inRequest(), () => {
			provider
				.getTracer('app')
				.startSpan('given', { startTime: [1_700_000_000, 5] }, contextManager.active())
				.end();
		});
		expect(exporter.getFinishedSpans()[0]!.startTime).toEqual([1_700_000_000, 5]);
	});
});

describe('the URL of a CLIENT span', () => {
	/** A span as instrumentations make them, when it has ended. */
	const attributesOf = (kind: SpanKind, attributes: Attributes): Attributes => {
		provider.getTracer('@opentelemetry/instrumentation-http').startSpan('GET', { kind, attributes }).end();
		return exporter.getFinishedSpans()[0]!.attributes;
	};

	test.each<[name: string, value: string, redacted: string]>([
		['url.full', 'https://user:secret@host/a?b=secret#c=secret', 'https://host/a?b=REDACTED#c=REDACTED'],
		['url.full', 'https://host/a?b=REDACTED', 'https://host/a?b=REDACTED'],
		['url.full', 'https://host/a', 'https://host/a'],
		['url.query', 'b=secret&page=2', 'b=REDACTED&page=2'],
		['url.query', '?page=2&b=secret', '?page=2&b=REDACTED'],
		// what older versions say
		['http.url', 'http://host/a?b=secret', 'http://host/a?b=REDACTED'],
		['http.target', '/a?b=secret', '/a?b=REDACTED']
	])('has no secret in %s, in the span of any instrumentation: %s', (name, value, redacted) => {
		expect(attributesOf(SpanKind.CLIENT, { [name]: value, 'url.path': '/a' })).toEqual({
			[name]: redacted,
			'url.path': '/a'
		});
	});

	test('is unchanged if it is not a URL, and on other spans', () => {
		const attributes = { 'url.full': 'https://host/a?b=of the app' };
		expect(attributesOf(SpanKind.INTERNAL, attributes)).toEqual(attributes);
		exporter.reset();
		expect(attributesOf(SpanKind.CLIENT, { 'url.full': 5 })).toEqual({ 'url.full': 5 });
	});
});
