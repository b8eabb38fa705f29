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
	// an extracted context that has another local span was chosen on purpose
	return caller && (span?.spanContext().isRemote || span === trace.getSpan(caller)) ? caller : undefined;
}

/**
 * The registered propagator. It is the one from the settings, except for SvelteKit, which extracts the headers
 * of every request it handles. For an incoming request, this is when SvelteKit reaches it. For a request that
 * the app makes to itself (`event.fetch`), the headers may be copies of the incoming ones. The caller's context
 * is remembered there, because SvelteKit's spans belong below it.
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
		if (request?.awaitsKit) return request.enterKit(context);

		const extracted = this.#inner.extract(context, carrier, getter);
		return request && extracted !== context ? extracted.setValue(CALLER, context) : extracted;
	};

	fields(): string[] {
		return this.#inner.fields();
	}
}
