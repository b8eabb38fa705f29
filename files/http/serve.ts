import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { IncomingMessage, Server } from 'node:http';
import { log } from '../diagnostics/log.ts';
import type { Handler, Runtime } from '../types/runtime.ts';
import { watchInheritedSpans } from './inherited-span.ts';
import { requestOf } from './request-context.ts';
import { ServerRequest } from './server-request.ts';
import type { TracedRequest } from './traced-request.ts';
import type { Tracing } from './tracing.ts';

const asItIs = (_req: IncomingMessage, active: Context): Context => active;

/**
 * The two ways to trace requests: wrap a handler before it is used, or trace a server that already listens.
 *
 * @param tracing shared state of request tracing
 * @param findArrived finds a request that was recorded when it arrived: see `custom-servers/trace-arrivals.ts`
 */
export function createServing(
	tracing: Tracing,
	findArrived?: (req: IncomingMessage) => TracedRequest | undefined
): Pick<Runtime, 'traceHandler'> & { traceServer(http: Server | undefined): void } {
	const { contextManager } = tracing;
	const ownContext = tracing.makesSpans ? watchInheritedSpans(contextManager) : asItIs;

	const traceHandler =
		(handler: Handler): Handler =>
		(req, res, next) => {
			const active = contextManager.active();
			const outer = requestOf(active);
			// the outer of two wrappers already handles this request
			if (outer?.req === req) {
				outer.enterHandler();
				return handler(req, res, next);
			}
			// requests of one connection are independent of each other
			const parent = outer ? ROOT_CONTEXT : ownContext(req, active);
			// middleware may have lost its context
			const request = findArrived?.(req) ?? new ServerRequest(req, res, parent, tracing);
			request.enterHandler();
			return contextManager.with(request.context, handler, undefined, req, res, next);
		};

	return {
		traceHandler,

		// adapter-node's `index.js` does not use its `handler.js`, so its server is traced instead. The server began
		// to listen in this turn of the event loop: no request can have arrived yet
		traceServer(http) {
			if (!http) {
				return log(
					'warn',
					'the server did not exist when tracing started, and runs untraced: the output of the build was bundled in a way that changes the order of its modules. Run the output as it is'
				);
			}
			const listeners = http.listeners('request') as Handler[];
			for (const listener of listeners) http.off('request', listener as never);
			// one listener that calls all of them, so that a request is traced once
			const listener = traceHandler((req, res) => {
				for (const each of listeners) each.call(http, req, res);
			});
			http.on('request', listener as never);
		}
	};
}
