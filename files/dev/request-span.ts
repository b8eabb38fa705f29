import { type Context, TraceFlags, trace } from '@opentelemetry/api';
import { requestOf } from '../http/request-context.ts';

/**
 * The context for a span below what a request does at the moment, if that is recorded: below the SERVER span
 * itself, which starts with this, where SvelteKit has no span yet.
 */
export function spanContextOfRequest(active: Context): Context | undefined {
	const request = requestOf(active);
	if (!request) return undefined;
	// a remote one is the caller's, which SvelteKit extracts anew for a request that the app makes to itself
	const span = trace.getSpan(active);
	const isOwn = span && !span.spanContext().isRemote;
	const context = isOwn ? active : request.context;
	const flags = trace.getSpanContext(context)?.traceFlags ?? TraceFlags.NONE;
	return (flags & TraceFlags.SAMPLED) !== 0 ? context : undefined;
}
