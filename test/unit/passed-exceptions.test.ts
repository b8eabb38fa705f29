import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { PassedExceptions } from '../../files/http/passed-exceptions.ts';
import { KIT } from '../../files/sdk/kit-names.ts';

const provider = new TracerProvider({ spanProcessors: [] });

/** Two spans, one in the other, that record an error each; returns how many exceptions each keeps. */
function pass(inner: unknown, outer: unknown, scope: string = KIT): { inner: number; outer: number } {
	const exceptions = new PassedExceptions();
	const above = provider.getTracer(scope).startSpan('above');
	const below = provider.getTracer(KIT).startSpan('below', {}, trace.setSpan(ROOT_CONTEXT, above));
	const [counted, kept] = [
		[below, inner],
		[above, outer]
	].map(([span, error]) => {
		const recorded = span as typeof above & ReadableSpan;
		recorded.recordException(error as Error);
		exceptions.keepOnce(recorded);
		return recorded.events.length;
	});
	return { inner: counted!, outer: kept! };
}

const error = new Error('not found');
/** An error of the same line and the same message is another one if it comes from elsewhere. */
const other = Object.assign(new Error('not found'), { stack: 'Error: not found\n    at elsewhere' });
const withoutStack = { message: 'not found', name: 'HttpError' };

test.each([
	['one that passes through both', error, error, { inner: 1, outer: 0 }],
	['another one with the same message', error, other, { inner: 1, outer: 1 }],
	[
		'one without a stack, which SvelteKit records by its message',
		withoutStack,
		withoutStack,
		{ inner: 1, outer: 0 }
	]
])('an exception is kept where it comes from: %s', (_, inner, outer, kept) => {
	expect(pass(inner, outer)).toEqual(kept);
});

test('a span of the app keeps the exceptions that the app has recorded', () => {
	expect(pass(error, error, 'app')).toEqual({ inner: 1, outer: 1 });
});

test('an error is recorded once in a request; another error with the same message is recorded too', () => {
	const exceptions = new PassedExceptions();
	expect([error, error, other, withoutStack, withoutStack].map((each) => exceptions.add(each))).toEqual([
		true,
		false,
		true,
		true,
		false
	]);
});

test('an HttpError of SvelteKit is identified by its body', () => {
	const exceptions = new PassedExceptions();
	expect(exceptions.add({ status: 404, body: { message: 'gone' } })).toBe(true);
	expect(exceptions.add({ status: 404, body: { message: 'gone' } })).toBe(false);
});

test('an error is new to a request only once, also if its stack is rewritten', () => {
	const exceptions = new PassedExceptions();
	const unexpected = new Error('a');
	const rewritten = new Error('c');
	expect(exceptions.add(rewritten)).toBe(true);
	rewritten.stack = 'mapped';
	expect(exceptions.add(rewritten)).toBe(false);
	expect(
		[
			unexpected,
			unexpected,
			{ status: 500, body: { message: 'b' } },
			{ status: 500, body: { message: 'b' } }
		].map((each) => exceptions.add(each))
	).toEqual([true, false, true, false]);
});
