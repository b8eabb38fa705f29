import { type Context, type ContextManager, type Span, trace } from '@opentelemetry/api';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';

/** The channels where Node publishes a request before any listener gets it, for HTTP/1 and HTTP/2. */
const CHANNELS = ['http.server.request.start', 'http2.server.stream.start'];

/** The message of a channel: a request, or its stream. */
type Arrival = { request: IncomingMessage } | { stream: Http2ServerRequest['stream'] };

/** The spans that were active when requests arrived, by context manager: after a restart, the channels are not subscribed to again. */
const watched = new WeakMap<ContextManager, WeakMap<object, Span>>();

/**
 * Distinguishes a span that was started for a request from one that was active before the request arrived. All
 * requests run in the context in which their server began to listen. A span around the start of a server
 * must not become their parent.
 *
 * @param contextManager provides the active span
 * @returns removes from a handler's context the values that do not belong to its request
 */
export function watchInheritedSpans(
	contextManager: ContextManager
): (req: IncomingMessage, active: Context) => Context {
	const inherited = watched.get(contextManager) ?? watch(contextManager);

	return (req, active) => {
		const span = trace.getSpan(active);
		if (!span) return active;
		const { stream } = req as unknown as Partial<Http2ServerRequest>;
		return inherited.get(stream ?? req) === span ? trace.deleteSpan(active) : active;
	};
}

function watch(contextManager: ContextManager): WeakMap<object, Span> {
	const inherited = new WeakMap<object, Span>();
	watched.set(contextManager, inherited);
	for (const channel of CHANNELS) {
		subscribe(channel, (message) => {
			const span = trace.getSpan(contextManager.active());
			const arrival = message as Arrival;
			if (span) inherited.set('request' in arrival ? arrival.request : arrival.stream, span);
		});
	}
	return inherited;
}
