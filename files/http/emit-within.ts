import type { ContextManager } from '@opentelemetry/api';
import type { EventEmitter } from 'node:events';
import { requestOf } from './request-context.ts';
import type { TracedRequest } from './traced-request.ts';

/**
 * Lets the listeners of an emitter run in the context of a request. Node emits much of what happens to a
 * request and its response (the next piece of a body, room for more of an answer, a client that has left)
 * where only the connection is known.
 *
 * @param emitter the request or its response
 * @param request what its events belong to
 * @param contextManager knows the active context
 */
export function emitWithin(
	emitter: EventEmitter,
	request: TracedRequest,
	contextManager: ContextManager
): void {
	const { emit } = emitter;
	emitter.emit = function (this: EventEmitter, event: string | symbol, ...args: unknown[]): boolean {
		// half of what Node tells of a request has no listener. An error without one is thrown, which may be heard of
		const isHeard = this.listenerCount(event) > 0 || event === 'error';
		// what the app causes itself is where it has caused it
		if (!isHeard || requestOf(contextManager.active()) === request) return emit.call(this, event, ...args);
		return contextManager.with(request.context, emit, this, event, ...args);
	};
}
