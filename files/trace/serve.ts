import type { IncomingMessage, Server } from 'node:http';
import type { Handler, Runtime } from '../register.ts';
import { ServerRequest } from './server-request.ts';
import type { Tracing } from './tracing.ts';

/** The two ways in: a handler before it is used, and a server that listens already. */
export function createServing(tracing: Tracing): Pick<Runtime, 'traceHandler' | 'traceServer'> {
	const { contextManager } = tracing;
	// several wrapped listeners, or a wrapped handler in a wrapped server, meet the same request
	const requests = new WeakMap<IncomingMessage, ServerRequest>();
	let handlerIsTraced = false;

	const wrap =
		(handler: Handler): Handler =>
		(req, res, next) => {
			const active = contextManager.active();
			let request = requests.get(req);
			if (!request) {
				request = new ServerRequest(req, res, active, tracing);
				requests.set(req, request);
			}
			// what is active here, a span of the custom server's say, stays so
			if (ServerRequest.of(active) === request) return handler(req, res, next);
			return contextManager.with(request.context, handler, undefined, req, res, next);
		};

	return {
		traceHandler(handler) {
			handlerIsTraced = true;
			return wrap(handler);
		},

		// adapter-node's `index.js` shares a chunk with its `handler.js` and does not go through it, so its server
		// is the place. It began to listen in this very turn of the event loop: no request can have come yet
		traceServer(server) {
			if (handlerIsTraced) return;
			const http = 'listeners' in server ? (server as Server) : server.server;
			for (const listener of http.listeners('request') as Handler[]) {
				http.off('request', listener as never);
				http.on('request', wrap(listener) as never);
			}
		}
	};
}
