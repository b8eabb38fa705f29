import { type Context, type TextMapPropagator, createContextKey, trace } from '@opentelemetry/api';
import { mayPropagate } from '../instrumentation/fetch.ts';
import { requestOf } from '../http/request-context.ts';

const CALLER = createContextKey('adapter-node-otel: the context that headers were extracted in');

/**
 * The local context that a remote one was extracted over, if any.
 *
 * @param context of the extraction, or below it
 */
export function callerOf(context: Context): Context | undefined {
	const caller = context.getValue(CALLER) as Context | undefined;
	const span = trace.getSpan(context);
	// below a span of its own, an extracted context is somebody's choice
	return caller && (span?.spanContext().isRemote || span === trace.getSpan(caller)) ? caller : undefined;
}

/**
 * The registered propagator: the one of the settings, but for SvelteKit, which extracts the headers of
 * every request it handles. For the incoming one that is the moment it is met. For one that the app makes
 * to itself (`event.fetch`), whose headers may be copies of the incoming ones, the caller's context is
 * remembered, for what SvelteKit makes of it belongs there.
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
		const request = requestOf(context);
		if (request?.awaitsKit) return request.meet(context);

		const extracted = this.#inner.extract(context, carrier, getter);
		return request && extracted !== context ? extracted.setValue(CALLER, context) : extracted;
	};

	fields(): string[] {
		return this.#inner.fields();
	}
}
