import { type Span, SpanStatusCode, diag, trace } from '@opentelemetry/api';
import { requestOf } from '../http/request-context.ts';
import type { TracedRequest } from '../http/traced-request.ts';
import type { Tracing } from '../http/tracing.ts';
import type { Runtime } from '../types/runtime.ts';
import { KIT_ERRORS, expectedStatusOf, messageOf } from './kit-errors.ts';
import type { KitTracer } from './kit-tracer.ts';
import { CALL, isRemoteCall } from './remote-spans.ts';

/** The span for the app's `handleError`, of which SvelteKit makes none. */
const HANDLE_ERROR = 'sveltekit.handle_error';

/** The id that the app's `handleError` returned for an error, to find the trace by the id that a user was shown. */
const ERROR_ID = 'sveltekit.error_id';

/** In characters: an id is short, and anything else does not belong there. */
const MAX_ID_LENGTH = 128;

/** The attribute in which SvelteKit's own spans record their result. */
const RESULT = `${CALL}.result`;

/**
 * Calls SvelteKit's function that passes an error to the app, and records the error on the active span.
 * SvelteKit catches some errors before they end a span: those of remote functions and of page rendering. For an
 * unexpected error, the call is a span of its own.
 *
 * @param tracing provides the context manager
 * @param tracer starts the spans
 */
export function createHandleError(
	{ contextManager }: Pick<Tracing, 'contextManager'>,
	tracer: KitTracer
): NonNullable<Runtime['handleError']> {
	/** SvelteKit may continue only after the call, or at once: the span must not make it wait. */
	const inSpan = <T>(call: () => T): T => {
		const active = contextManager.active();
		const context = tracer.enter(HANDLE_ERROR, {}, active);
		if (context === active) return call();
		const span = tracer.spanIn(HANDLE_ERROR, {}, context);
		const fail = (error: unknown): void => {
			if (error instanceof Error) span.recordException(error);
			span.setStatus({ code: SpanStatusCode.ERROR });
			span.end();
		};
		try {
			const outcome = contextManager.with(context, call);
			if (outcome instanceof Promise) outcome.then(() => span.end(), fail);
			else span.end();
			return outcome;
		} catch (error) {
			fail(error);
			throw error;
		}
	};

	/** The results of the app's `handleError`. SvelteKit throws them again, and they must not be handled twice. */
	const handled = new WeakSet<object>();

	return (handle, ...args) => {
		const active = contextManager.active();
		const request = requestOf(active);
		const isTraced = request !== undefined && !request.isIgnored && request.span.isRecording();
		if (!isTraced) return handle(...args);

		const error = args.at(-1);
		const isKnown = KIT_ERRORS.isHttpError(error) && handled.has(error.body);
		if (!isKnown) safely(() => noteError(error, trace.getSpan(active), request));
		const isExpected = KIT_ERRORS.isHttpError(error) || expectedStatusOf(error) !== undefined;
		const outcome = isExpected ? handle(...args) : inSpan(() => handle(...args));
		const noteId = (body: unknown): void =>
			safely(() => {
				if (typeof body === 'object' && body !== null) handled.add(body);
				noteErrorId(body, request);
			});
		// SvelteKit checks whether it is a promise, and continues after this callback
		if (outcome instanceof Promise) outcome.then(noteId, () => {});
		else noteId(outcome);
		return outcome;
	};
}

function noteError(error: unknown, active: Span | undefined, request: TracedRequest): void {
	const span = active?.isRecording() ? active : request.span;
	const message = messageOf(error);
	const status = expectedStatusOf(error);
	if (status !== undefined) {
		if (!isRemoteCall(span)) return;
		span.setAttributes({
			[`${RESULT}.type`]: 'known_error',
			[`${RESULT}.status`]: status,
			...(message !== undefined && { [`${RESULT}.message`]: message })
		});
		return;
	}

	request.noteFailure(message);
	const isNew = request.exceptions.add(error);
	// the status of the SERVER span depends on the response
	const isInner = span.spanContext().spanId !== request.span.spanContext().spanId;
	if (!isNew) return;
	if (isRemoteCall(span)) span.setAttribute(`${RESULT}.type`, 'unknown_error');
	if (KIT_ERRORS.isHttpError(error)) span.recordException({ name: 'HttpError', message: error.body.message });
	else if (error instanceof Error) span.recordException(error);
	if (isInner) span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
}

/** Records the error id, as SvelteKit's documentation suggests to return it: `errorId` or `id`. */
function noteErrorId(body: unknown, { span }: TracedRequest): void {
	const { errorId, id } = (body ?? {}) as { errorId?: unknown; id?: unknown };
	const found = errorId ?? id;
	if (typeof found === 'string' || typeof found === 'number')
		span.setAttribute(ERROR_ID, String(found).slice(0, MAX_ID_LENGTH));
}

function safely(note: () => void): void {
	try {
		note();
	} catch (error) {
		diag.error(`an error of the app could not be recorded on its span: ${error}`);
	}
}
