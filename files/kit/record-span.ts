import { type Span, SpanStatusCode } from '@opentelemetry/api';
import type { Tracing } from '../http/tracing.ts';
import type { KitErrors, RecordSpan } from '../types/runtime.ts';
import type { KitTracer } from './kit-tracer.ts';

/**
 * SvelteKit's `record_span`, with the same result at a lower cost. The function runs at once, and its promise
 * gets one reaction. SvelteKit first awaits a tracer, and then the function inside another function. A test
 * compares the two
 * (https://github.com/sveltejs/kit/blob/main/packages/kit/src/exports/internal/server/telemetry.js).
 *
 * @param tracing provides the context manager
 * @param tracer starts them
 * @param errors recognizes SvelteKit's errors
 */
export function createRecordSpan(
	{ contextManager }: Pick<Tracing, 'contextManager'>,
	tracer: KitTracer,
	errors: KitErrors
): RecordSpan {
	return ({ name, attributes, fn }) => {
		const active = contextManager.active();
		// most spans of a request that is not sampled
		const unrecorded = tracer.unrecordedParent(name, active);
		if (unrecorded) return settle(fn, unrecorded);
		const options = { attributes };
		const context = tracer.enter(name, options, active);
		const span = tracer.spanIn(name, options, context);
		const isRecorded = span.isRecording();
		const within = (inner: Span): ReturnType<typeof fn> => contextManager.with(context, fn, undefined, inner);
		const outcome = settle(context === active ? fn : within, span);
		if (!isRecorded) return outcome;
		return outcome.then(
			(value) => {
				span.end();
				return value;
			},
			(error: unknown) => {
				try {
					noteError(span, name, error, errors);
				} finally {
					span.end();
				}
				throw error;
			}
		);
	};
}

/** The result of a function as a promise, as if the function were async. */
export function settle<T>(fn: (span: Span) => Promise<T>, span: Span): Promise<T> {
	try {
		const outcome = fn(span);
		return outcome instanceof Promise ? outcome : Promise.resolve(outcome);
	} catch (error) {
		return Promise.reject(error);
	}
}

/** Records an error that ends a span, as SvelteKit does. */
function noteError(span: Span, name: string, error: unknown, errors: KitErrors): void {
	if (errors.isHttpError(error)) {
		const { status, body } = error;
		span.setAttributes({
			[`${name}.result.type`]: 'known_error',
			[`${name}.result.status`]: status,
			[`${name}.result.message`]: body.message
		});
		if (status >= 500) {
			span.recordException({ name: 'HttpError', message: body.message });
			span.setStatus({ code: SpanStatusCode.ERROR, message: body.message });
		}
	} else if (errors.isRedirect(error)) {
		span.setAttributes({
			[`${name}.result.type`]: 'redirect',
			[`${name}.result.status`]: error.status,
			[`${name}.result.location`]: error.location
		});
	} else {
		span.setAttribute(`${name}.result.type`, 'unknown_error');
		if (!(error instanceof Error)) return void span.setStatus({ code: SpanStatusCode.ERROR });
		const { name: type, message, stack } = error;
		span.recordException({ name: type, message, ...(stack !== undefined && { stack }) });
		span.setStatus({ code: SpanStatusCode.ERROR, message });
	}
}
