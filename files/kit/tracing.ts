import type { Attributes, ContextManager, TextMapPropagator } from '@opentelemetry/api';
import type { ServerInstrumentation } from '../types/server-instrumentation.d.ts';
import type { SilenceWatch } from './silence.ts';
import type { KitSpans } from './kit-spans.ts';
import type { Proxy } from '../http/proxy.ts';
import type { QueryRedactor } from '../http/query.ts';
import type { TracedRequest } from '../http/traced-request.ts';
import type { RemoteFunctions } from './remote-functions.ts';

/** How a request has ended. */
export interface RequestEnd {
	seconds: number;
	/** The route, where there is one. */
	route: string | undefined;
	/** The status, where headers have been sent. */
	status: number | undefined;
	/** What `error.type` says. */
	error: string | undefined;
}

/**
 * Told of each request that is served, when that begins; what it returns is told of its end, without one
 * where the request turns out to be ignored.
 */
export type MeasureRequest = (
	method: string | undefined,
	origin: string | undefined
) => (end?: RequestEnd) => void;

/** What the parts that trace requests share. */
export interface Tracing {
	readonly contextManager: ContextManager;
	/** The one of the settings, not the one that is registered (see `kit-propagator.ts`). */
	readonly propagator: TextMapPropagator;
	/** What starts SvelteKit's spans. */
	readonly spans: Pick<KitSpans, 'start'>;
	/** The name of one of them, by SvelteKit's and its first attributes. */
	readonly nameOf: (kit: string, attributes: Attributes) => string;
	readonly remotes: RemoteFunctions;
	readonly proxy: Proxy;
	readonly redactQuery: QueryRedactor;
	readonly ignoresPath: (path: string) => boolean;
	readonly ignoresRoute: (route: string) => boolean;
	/** Not there without metrics. */
	readonly measureRequest?: MeasureRequest | undefined;
	readonly publicEndpoint: boolean;
	readonly serverTiming: boolean;
	/** Hears whether SvelteKit asks for its tracer. */
	readonly silence: SilenceWatch;
	/** Whether a request that was refused before SvelteKit was asked is the app's: Vite refuses its own. */
	readonly ownsRefusals: boolean;
	/** The requests whose SERVER span, or whose measuring, has not ended. */
	readonly open: Set<TracedRequest>;
	/** The app's own, safe to call. */
	readonly requestHook?: ServerInstrumentation['requestHook'];
	readonly responseHook?: ServerInstrumentation['responseHook'];
}
