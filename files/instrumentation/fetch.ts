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
import { targetOf } from './fetch-target.ts';
import { matcher } from '../config/pattern.ts';
import type { Settings } from '../config/settings.ts';
import { isKnownMethod } from '../http/methods.ts';
import type { QueryRedactor } from '../http/query.ts';

/** Spans of requests to hosts that the context is not sent to. Used by `KitPropagator`. */
const unpropagated = new WeakSet<Span>();

/** Whether the context of a span may be propagated to another process. */
export const mayPropagate = (span: Span | undefined): boolean =>
	span === undefined || !unpropagated.has(span);

/**
 * Traces outgoing `fetch` with the SDK's own instrumentation, which subscribes to undici's
 * diagnostics channels and patches nothing. A request outside an incoming one, for example from a timer, starts
 * a new trace.
 *
 * @param options of the instrumentation
 * @returns the enabled instrumentation
 */
export const traceFetch = (options: UndiciInstrumentationConfig): UndiciInstrumentation =>
	new FetchInstrumentation(options);

/**
 * The options for tracing outgoing requests, for the bundled or an installed copy of the instrumentation.
 *
 * @param settings the hosts that the context is sent to
 * @param redactQuery redacts the query
 */
export function fetchOptions(
	{ propagateTo }: Settings,
	redactQuery: QueryRedactor
): UndiciInstrumentationConfig {
	const allowed = propagateTo && matcher(propagateTo);

	return {
		startSpanHook: (request) => {
			const { origin, path } = targetOf(request);
			const at = path.indexOf('?');
			const query = at < 0 ? undefined : redactQuery(path.slice(at + 1));
			return {
				...(query !== undefined && { [ATTR_URL_FULL]: `${origin}${path.slice(0, at)}?${query}` }),
				// upstream sets it even if it is empty, and with the question mark
				[ATTR_URL_QUERY]: query || undefined,
				// the conventions require it only if it differs from the method
				...(isKnownMethod(request.method) && { [ATTR_HTTP_REQUEST_METHOD_ORIGINAL]: undefined })
			};
		},
		requestHook: (span, request) => {
			if (allowed) {
				const { host, hostname } = new URL(targetOf(request).origin);
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
 * Removes the headers that are about to be set. An app that forwards its caller's headers would otherwise send
 * two `traceparent` headers, which the receiver ignores.
 */
function removePropagated(headers: UndiciRequest['headers'], span: Span): void {
	// undici before 6 has no array here, the versions in Node do
	if (!Array.isArray(headers) || !isSpanContextValid(span.spanContext())) return;
	const names = new Set(propagation.fields());
	// the header is only set if there is active baggage
	if (!propagation.getActiveBaggage()) names.delete('baggage');

	for (let index = headers.length - 2; index >= 0; index -= 2) {
		if (names.has(String(headers[index]).toLowerCase())) headers.splice(index, 2);
	}
}
