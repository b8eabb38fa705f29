import type { Attributes, ContextManager, SpanContext, TextMapPropagator } from '@opentelemetry/api';
import type { TracerCheck } from '../diagnostics/tracer-check.ts';
import type { KitSpans } from '../sdk/kit-spans.ts';
import type { ServerInstrumentation } from '../types/server-instrumentation.d.ts';
import type { Lingering } from './lingering.ts';
import type { Proxy, Scheme } from './proxy.ts';
import type { QueryRedactor } from './query.ts';
import type { RemoteFunctions } from './remote-functions.ts';
import type { TracedRequest } from './traced-request.ts';

/** How a request has ended. */
export interface RequestEnd {
	seconds: number;
	/** The route, if there is one. */
	route: string | undefined;
	/** The status, if headers have been sent. */
	status: number | undefined;
	/** The value of `error.type`. */
	error: string | undefined;
	/** The SERVER span, if there is one. */
	spanContext?: SpanContext | undefined;
}

/**
 * Called when a request starts to be served. The returned function is called at its end, without an argument
 * if the request turns out to be ignored.
 */
export type MeasureRequest = (method: string | undefined, scheme: Scheme) => (end?: RequestEnd) => void;

/** Shared state of request tracing. */
export interface Tracing {
	readonly contextManager: ContextManager;
	/** The propagator from the settings, not the registered one (see `kit-propagator.ts`). */
	readonly propagator: TextMapPropagator;
	/** Starts SvelteKit's spans. */
	readonly spans: Pick<KitSpans, 'start'>;
	/** The name of a SvelteKit span, from SvelteKit's own name and the first attributes. */
	readonly nameOf: (kit: string, attributes: Attributes) => string;
	readonly remotes: RemoteFunctions;
	readonly proxy: Proxy;
	readonly redactQuery: QueryRedactor;
	/** Whether a path or a route is to be ignored. */
	readonly ignores: (pathOrRoute: string) => boolean;
	/** Whether requests have spans. Without traces, they are only measured. */
	readonly makesSpans: boolean;
	/** Undefined if metrics are off. */
	readonly measureRequest?: MeasureRequest | undefined;
	/** Whether requests for files are measured, too. */
	readonly measureFiles: boolean;
	readonly publicEndpoint: boolean;
	/** Whether the SERVER span is announced to the browser. */
	readonly serverTiming: boolean;
	/** Notices whether SvelteKit gets its tracer. */
	readonly tracerCheck: TracerCheck;
	/** Whether error responses that are sent before SvelteKit gets the request count as the app's. In dev, Vite sends some itself. */
	readonly ownsErrors: boolean;
	/** The requests whose SERVER span or measurement has not ended. */
	readonly open: Set<TracedRequest>;
	/** The requests whose response is over, and that have other open spans. */
	readonly lingering: Lingering;
	/** The app's hook, wrapped so that it does not throw. */
	readonly requestHook?: ServerInstrumentation['requestHook'];
	readonly responseHook?: ServerInstrumentation['responseHook'];
}
