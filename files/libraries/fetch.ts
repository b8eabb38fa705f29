import type { Span } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { ATTR_URL_FULL, ATTR_URL_QUERY } from '@opentelemetry/semantic-conventions';
import { matcher } from '../configure/pattern.ts';
import type { Settings } from '../configure/settings.ts';
import type { QueryRedactor } from '../trace/query.ts';

/** Spans of requests to hosts that the context is not sent to; `KitPropagator` asks. */
const unpropagated = new WeakSet<Span>();

/** Whether the context of a span may leave the process. */
export const mayPropagate = (span: Span | undefined): boolean =>
	span === undefined || !unpropagated.has(span);

/**
 * Traces outgoing `fetch` with the SDK's own instrumentation, which listens to undici's diagnostics
 * channels and hooks nothing.
 *
 * @param settings whom the context is sent to
 * @param redactQuery what is kept of the query
 * @returns the instrumentation, at work already
 */
export function traceFetch({ propagateTo }: Settings, redactQuery: QueryRedactor): UndiciInstrumentation {
	const allowed = propagateTo && matcher(propagateTo);

	return new UndiciInstrumentation({
		startSpanHook: ({ origin, path }) => {
			const url = new URL(path, origin);
			if (!url.search) return {};
			const query = redactQuery(url.search.slice(1));
			url.search = query;
			return { [ATTR_URL_FULL]: url.href, [ATTR_URL_QUERY]: query };
		},
		requestHook: (span, { origin }) => {
			if (!allowed) return;
			const { host, hostname } = new URL(origin);
			if (!allowed(hostname) && !allowed(host)) unpropagated.add(span);
		}
	});
}
