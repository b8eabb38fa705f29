import { type Context, type Span, type TextMapPropagator, createContextKey, trace } from '@opentelemetry/api';
import { mayPropagate } from '../libraries/fetch.ts';
import { ServerRequest } from './server-request.ts';

const CALLER = createContextKey('adapter-node-otel: the local span that an extracted one stands before');

/**
 * The local span that was active before a remote one was extracted in its place, if any.
 *
 * @param context of the extraction, or below it
 */
export function callerOf(context: Context): Span | undefined {
	return trace.getSpanContext(context)?.isRemote ? (context.getValue(CALLER) as Span | undefined) : undefined;
}

/**
 * The registered propagator: the one of the settings, but for SvelteKit, which extracts the headers of
 * every request it handles. For the incoming one that is the moment it is met. For one that the app makes
 * to itself (`event.fetch`), whose headers may be copies of the incoming ones, the caller is remembered, so
 * that what SvelteKit makes of it stays below the caller.
 */
export class KitPropagator implements TextMapPropagator {
	readonly #inner: TextMapPropagator;

	constructor(inner: TextMapPropagator) {
		this.#inner = inner;
	}

	inject: TextMapPropagator['inject'] = (context, carrier, setter) => {
		if (mayPropagate(trace.getSpan(context))) this.#inner.inject(context, carrier, setter);
	};

	extract: TextMapPropagator['extract'] = (context, carrier, getter) => {
		const request = ServerRequest.of(context);
		if (request && !request.met) return request.meet(context);

		const extracted = this.#inner.extract(context, carrier, getter);
		const local = request && trace.getSpan(context);
		return local && trace.getSpan(extracted) !== local ? extracted.setValue(CALLER, local) : extracted;
	};

	fields(): string[] {
		return this.#inner.fields();
	}
}
