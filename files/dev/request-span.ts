import { type Context, TraceFlags, trace } from '@opentelemetry/api';
import { requestOf } from '../http/request-context.ts';

/**
 * The context for a span below the current work of a request, if that request is recorded. If SvelteKit
 * has no span yet, this is below the SERVER span, which then starts now.
 */
export function spanContextOfRequest(active: Context): Context | undefined {
	const request = requestOf(active);
	if (!request) return undefined;
	// a remote span is the caller's; SvelteKit extracts it again for a request that the app makes to
	// itself
	const span = trace.getSpan(active);
	const isOwn = span && !span.spanContext().isRemote;
	const context = isOwn ? active : request.context;
	const flags = trace.getSpanContext(context)?.traceFlags ?? TraceFlags.NONE;
	return (flags & TraceFlags.SAMPLED) !== 0 ? context : undefined;
}
