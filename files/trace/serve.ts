import type { Server } from 'node:http';
import type { Handler, Runtime } from '../register.ts';
import { ServerRequest } from './server-request.ts';
import type { Tracing } from './tracing.ts';

/** The two ways in: a handler before it is used, and a server that listens already. */
export function createServing(tracing: Tracing): Pick<Runtime, 'traceHandler' | 'traceServer'> {
	const { contextManager } = tracing;
	let handlerIsTraced = false;

	const wrap =
		(handler: Handler): Handler =>
		(req, res, next) => {
			const active = contextManager.active();
			// the outer one of two wrappers has met this request
			if (ServerRequest.of(active)?.req === req) return handler(req, res, next);
			const { context } = new ServerRequest(req, res, active, tracing);
			return contextManager.with(context, handler, undefined, req, res, next);
		};

	return {
		traceHandler(handler) {
			handlerIsTraced = true;
			return wrap(handler);
		},

		// adapter-node 6 has the handler in a chunk of its own, so its server is the place. It began to listen
		// in this very turn of the event loop: no request can have come yet
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
