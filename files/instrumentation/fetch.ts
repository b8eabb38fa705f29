import { type Span, isSpanContextValid, propagation } from '@opentelemetry/api';
import type {
	UndiciInstrumentation,
	UndiciInstrumentationConfig,
	UndiciRequest
} from '@opentelemetry/instrumentation-undici';
import {
	ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
	ATTR_URL_FULL,
	ATTR_URL_QUERY
} from '@opentelemetry/semantic-conventions';
import { FetchInstrumentation } from './fetch-instrumentation.ts';
import { matcher } from '../config/pattern.ts';
import type { Settings } from '../config/settings.ts';
import { isKnownMethod } from '../http/methods.ts';
import type { QueryRedactor } from '../http/query.ts';

/** Spans of requests to hosts that the context is not sent to; `KitPropagator` asks. */
const unpropagated = new WeakSet<Span>();

/** Whether the context of a span may leave the process. */
export const mayPropagate = (span: Span | undefined): boolean =>
	span === undefined || !unpropagated.has(span);

/**
 * Traces outgoing `fetch` with the SDK's own instrumentation, which listens to undici's diagnostics
 * channels and hooks nothing. Requests that belong to no incoming one, of a timer say, are traces of their
 * own.
 *
 * @param options of the instrumentation
 * @returns the instrumentation, at work already
 */
export const traceFetch = (options: UndiciInstrumentationConfig): UndiciInstrumentation =>
	new FetchInstrumentation(options);

/**
 * How outgoing requests are traced, whichever copy of the instrumentation does it.
 *
 * @param settings whom the context is sent to
 * @param redactQuery what is kept of the query
 */
export function fetchOptions(
	{ propagateTo }: Settings,
	redactQuery: QueryRedactor
): UndiciInstrumentationConfig {
	const allowed = propagateTo && matcher(propagateTo);

	return {
		startSpanHook: ({ origin, path, method }) => {
			const at = path.indexOf('?');
			const query = at < 0 ? undefined : redactQuery(path.slice(at + 1));
			return {
				...(query !== undefined && { [ATTR_URL_FULL]: `${origin}${path.slice(0, at)}?${query}` }),
				// upstream sets it empty, and with its question mark
				[ATTR_URL_QUERY]: query || undefined,
				// the conventions want it only where it says something else than the method
				...(isKnownMethod(method) && { [ATTR_HTTP_REQUEST_METHOD_ORIGINAL]: undefined })
			};
		},
		requestHook: (span, request) => {
			if (allowed) {
				const { host, hostname } = new URL(request.origin);
				if (!allowed(hostname) && !allowed(host)) {
					unpropagated.add(span);
					return;
				}
			}
			removePropagated(request.headers, span);
		}
	};
}

/**
 * Takes out of a request what is about to be set: an app that passes the headers of its caller on would else
 * send two `traceparent`, which is none to the one that is called.
 */
function removePropagated(headers: UndiciRequest['headers'], span: Span): void {
	// undici before 6, an array in all of Node's own
	if (!Array.isArray(headers) || !isSpanContextValid(span.spanContext())) return;
	const names = new Set(propagation.fields());
	// ours is sent only if there is one
	if (!propagation.getActiveBaggage()) names.delete('baggage');

	for (let index = headers.length - 2; index >= 0; index -= 2) {
		if (names.has(String(headers[index]).toLowerCase())) headers.splice(index, 2);
	}
}
