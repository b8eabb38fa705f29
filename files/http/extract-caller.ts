import { type Context, type Link, propagation, trace } from '@opentelemetry/api';
import type { IncomingHttpHeaders } from 'node:http';
import type { Tracing } from '../kit/tracing.ts';
import { boundBaggage } from './bound-baggage.ts';

/**
 * Finds the caller of a request in its headers.
 *
 * @param headers of the request
 * @param active what is active when it arrives
 * @param tracing knows how contexts are propagated, and whether callers are strangers
 * @returns where the spans of the request belong, and for a stranger's context the link to it
 */
export function extractCaller(
	headers: IncomingHttpHeaders,
	active: Context,
	{ propagator, publicEndpoint }: Tracing
): { context: Context; link?: Link } {
	// somebody else's span is active already, of the custom server say: it is the parent
	if (trace.getSpan(active)) return { context: active };

	const extracted = propagator.extract(active, headers, headerGetter);
	if (!publicEndpoint) return { context: boundBaggage(extracted) };

	const remote = trace.getSpanContext(extracted);
	return {
		context: propagation.deleteBaggage(trace.deleteSpan(extracted)),
		...(remote && { link: { context: remote } })
	};
}

const headerGetter = {
	keys: (headers: IncomingHttpHeaders) => Object.keys(headers),
	get: (headers: IncomingHttpHeaders, key: string) => headers[key.toLowerCase()]
};
