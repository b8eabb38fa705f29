import { type Context, INVALID_SPAN_CONTEXT, type Span, createContextKey, trace } from '@opentelemetry/api';
import type { TracedRequest } from './traced-request.ts';

/** The API's key for the active span: keys with the same description are equal. A test compares it with the API's. */
const SPAN = createContextKey('OpenTelemetry Context Key SPAN');
/** The SDK's key for suppressed tracing, checked in the same way. */
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
const REQUEST = createContextKey('adapter-node-otel: the request that is served');

/** The span where there is none: of a request that is ignored, and of all requests without traces. */
export const NO_SPAN: Span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/** The request that a context belongs to. */
export function requestOf(context: Context): TracedRequest | undefined {
	return context.getValue(REQUEST) as TracedRequest | undefined;
}

/**
 * A context of a request. It has fields for the two values that are read and set with every span, because
 * the API's own context copies a map each time. All other values come from the context it was created from.
 */
export class RequestContext implements Context {
	readonly #rest: Context;
	readonly #request: TracedRequest;
	readonly #span: Span | undefined;

	/**
	 * @param rest what was active when the request arrived
	 * @param request the request
	 * @param span the active span
	 */
	constructor(rest: Context, request: TracedRequest, span: Span | undefined) {
		this.#rest = rest;
		this.#request = request;
		this.#span = span;
	}

	getValue(key: symbol): unknown {
		if (key === SPAN) return this.#span;
		if (key === REQUEST) return this.#request;
		// also applies if the route becomes known after the context is in use
		if (key === SUPPRESSED && this.#request.isIgnored) return true;
		return this.#rest.getValue(key);
	}

	setValue(key: symbol, value: unknown): Context {
		if (key === SPAN) return new RequestContext(this.#rest, this.#request, value as Span);
		return new RequestContext(this.#rest.setValue(key, value), this.#request, this.#span);
	}

	deleteValue(key: symbol): Context {
		if (key === SPAN) return new RequestContext(this.#rest, this.#request, undefined);
		return new RequestContext(this.#rest.deleteValue(key), this.#request, this.#span);
	}
}
