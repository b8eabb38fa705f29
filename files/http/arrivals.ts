import { type Context, type ContextManager, type Span, trace } from '@opentelemetry/api';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';

/** Where Node tells of a request before anybody else hears of it, over HTTP/1 and over HTTP/2. */
const CHANNELS = ['http.server.request.start', 'http2.server.stream.start'];

/** What it tells of: a request, or the stream of one. */
type Arrival = { request: IncomingMessage } | { stream: Http2ServerRequest['stream'] };

/** The spans that were active when requests arrived, by what knows the active span: a restart watches once. */
const watched = new WeakMap<ContextManager, WeakMap<object, Span>>();

/**
 * Tells a span that was opened for a request from one that was active before it arrived: all requests run in
 * the context in which their server began to listen, and a span around the start of a server is the parent
 * of none of them.
 *
 * @param contextManager knows the active span
 * @returns takes out of the context that a handler is called in what has nothing to do with its request
 */
export function watchArrivals(
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
