import { type Span, ROOT_CONTEXT } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { RequestContext } from '../../files/http/request-context.ts';
import type { TracedRequest } from '../../files/http/traced-request.ts';
import type { Tracing } from '../../files/http/tracing.ts';
import { createHandleError } from '../../files/kit/handled-errors.ts';
import type { KitTracer } from '../../files/kit/kit-tracer.ts';
import { PassedExceptions } from '../../files/http/passed-exceptions.ts';

/** The attributes of the SERVER span after the app's `handleError` has returned this. */
async function attributesAfter(body: unknown): Promise<Record<string, unknown>> {
	const attributes: Record<string, unknown> = {};
	const span = {
		isRecording: () => true,
		spanContext: () => ({ traceId: '1', spanId: '2', traceFlags: 1 }),
		recordException: () => {},
		setStatus: () => {},
		setAttribute: (name: string, value: unknown) => (attributes[name] = value)
	} as unknown as Span;
	const request = { isIgnored: false, span, exceptions: new PassedExceptions(), fail: () => {} };
	const active = new RequestContext(ROOT_CONTEXT, request as unknown as TracedRequest, span);
	const contextManager = { active: () => active, with: (_: unknown, call: () => unknown) => call() };
	const tracer = { enter: () => active };
	const handleError = createHandleError(
		{ contextManager } as unknown as Pick<Tracing, 'contextManager'>,
		tracer as unknown as KitTracer
	);
	expect(await handleError((async () => body) as never, new Error('unexpected'))).toBe(body);
	return attributes;
}

test.each<[string, unknown, string | undefined]>([
	['errorId', { message: 'Something broke', errorId: 'e-7' }, 'e-7'],
	['id', { message: 'Something broke', id: 7 }, '7'],
	['errorId if there is an id too', { errorId: 'e-7', id: 'i-7' }, 'e-7'],
	['the first 128 characters of a longer one', { errorId: 'e'.repeat(200) }, 'e'.repeat(128)],
	['nothing if there is no id', { message: 'Something broke' }, undefined],
	['nothing if it is neither text nor a number', { errorId: { nested: true } }, undefined],
	['nothing if handleError returns nothing', undefined, undefined]
])('the error id on the SERVER span is %s', async (_, body, expected) => {
	expect((await attributesAfter(body))['sveltekit.error_id']).toBe(expected);
});
