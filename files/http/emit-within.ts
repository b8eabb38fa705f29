import type { ContextManager } from '@opentelemetry/api';
import type { EventEmitter } from 'node:events';
import { requestOf } from './request-context.ts';
import type { TracedRequest } from './traced-request.ts';

/**
 * Runs the listeners of an emitter in the context of a request. Node emits many events of a request and its
 * response (the next chunk of a body, `drain`, a client that disconnects) in the context of the connection.
 *
 * @param emitter the request or its response
 * @param request the request that the events belong to
 * @param contextManager provides the active context
 */
export function emitWithin(
	emitter: EventEmitter,
	request: TracedRequest,
	contextManager: ContextManager
): void {
	const { emit } = emitter;
	emitter.emit = function (this: EventEmitter, event: string | symbol, ...args: unknown[]): boolean {
		// many events of a request have no listener. An `error` event without one is thrown, and may be caught
		const hasListener = this.listenerCount(event) > 0 || event === 'error';
		// an event that the app itself causes is already in the right context
		if (!hasListener || requestOf(contextManager.active()) === request)
			return emit.call(this, event, ...args);
		return contextManager.with(request.context, emit, this, event, ...args);
	};
}
