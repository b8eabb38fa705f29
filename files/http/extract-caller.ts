import { type Context, type Link, propagation, trace } from '@opentelemetry/api';
import type { IncomingHttpHeaders } from 'node:http';
import { boundBaggage } from './bound-baggage.ts';
import type { Tracing } from './tracing.ts';

/**
 * Finds the caller of a request in its headers.
 *
 * @param headers of the request
 * @param active the active context when it arrives
 * @param tracing provides the propagator, and whether callers are trusted
 * @returns the parent context for the request's spans and, for an untrusted caller, a link to its span
 */
export function extractCaller(
	headers: IncomingHttpHeaders,
	active: Context,
	{ propagator, publicEndpoint }: Tracing
): { context: Context; link?: Link } {
	// another span is already active, for example from the custom server: it is the parent
	if (trace.getSpan(active)) return { context: active };

	const extracted = propagator.extract(active, headers, headerGetter);
	if (!publicEndpoint) return { context: boundBaggage(extracted) };

	const remote = trace.getSpanContext(extracted);
	return {
		context: propagation.deleteBaggage(trace.deleteSpan(extracted)),
		...(remote && { link: { context: remote } })
	};
}

/** Propagators ask in lower case, as Node has the names. */
const headerGetter = {
	keys: (headers: IncomingHttpHeaders) => Object.keys(headers),
	get: (headers: IncomingHttpHeaders, key: string) => headers[key]
};
