import {
	type ContextManager,
	ProxyTracerProvider,
	type TextMapPropagator,
	type TracerProvider,
	propagation,
	trace
} from '@opentelemetry/api';
import { matcher } from '../config/pattern.ts';
import type { Settings } from '../config/settings.ts';
import { TracerCheck } from '../diagnostics/tracer-check.ts';
import { Lingering } from '../http/lingering.ts';
import { setKnownMethods } from '../http/methods.ts';
import { createProxy, directProxy } from '../http/proxy.ts';
import type { QueryRedactor } from '../http/query.ts';
import type { RemoteFunctions } from '../http/remote-functions.ts';
import { createServing } from '../http/serve.ts';
import type { MeasureRequest, Tracing } from '../http/tracing.ts';
import { fetchOptions, traceFetch } from '../instrumentation/fetch.ts';
import type { Outgoing } from '../instrumentation/libraries.ts';
import type { BuildManifest } from '../types/build-manifest.d.ts';
import type { DevStart } from '../types/dev.d.ts';
import type { Entry, KitErrors, RecordSpan, Runtime } from '../types/runtime.ts';
import type { ServerInstrumentation } from '../types/server-instrumentation.d.ts';
import { createHandleError } from './handled-errors.ts';
import { createReadRoute } from './read-route.ts';
import { createRender } from './render.ts';
import { KitPropagator } from './kit-propagator.ts';
import { KitTracer, createKitTracerProvider } from './kit-tracer.ts';
import { createRecordSpan } from './record-span.ts';
import { createCallRemote } from './remote-calls.ts';
import { createSpanNames } from './span-names.ts';

/** Options for handling incoming requests, for traces and metrics. */
export interface RequestsOptions {
	app: ServerInstrumentation;
	buildManifest: BuildManifest;
	contextManager: ContextManager;
	/** The differences in a dev or preview server. */
	dev?: DevStart | undefined;
	/** The entry of the server that starts it; undefined if telemetry was preloaded. */
	entry: Entry | undefined;
	/** Undefined if metrics are off. */
	measureRequest: MeasureRequest | undefined;
	propagator: TextMapPropagator;
	redactQuery: QueryRedactor;
	settings: Settings;
	/** Ends telemetry. For code that shuts down the registered provider. */
	shutdown(): Promise<void>;
}

/** The handling of incoming requests. */
export interface Requests {
	/** The parts that the server entries and SvelteKit use. */
	runtime: Pick<
		Runtime,
		| 'recordSpans'
		| 'respond'
		| 'render'
		| 'callRemote'
		| 'handleError'
		| 'noteRemote'
		| 'traceHandler'
		| 'traceServer'
	>;
	/** Ends what SvelteKit and frameworks have left open of requests whose response is over. */
	settle(): void;
	/** Ends all open spans, because the process exits. */
	abandon(): void;
	/**
	 * What a build without SvelteKit's spans leaves out of the signals that are on, for a message.
	 *
	 * @param ofTraces what to say of traces
	 */
	describeMissing(ofTraces: string): string;
	/** Traces outgoing requests. */
	outgoing: Outgoing;
}

/**
 * Registers the API's globals that SvelteKit uses, and handles incoming requests.
 *
 * @param options see `RequestsOptions`
 * @param spans starts SvelteKit's spans
 * @param remotes the known remote functions
 * @param provider for all other spans, if traces are on
 */
export async function handleRequests(
	options: RequestsOptions,
	spans: Tracing['spans'],
	remotes: RemoteFunctions,
	provider?: TracerProvider
): Promise<Requests> {
	const {
		app,
		buildManifest,
		contextManager,
		dev,
		entry,
		measureRequest,
		propagator,
		redactQuery,
		settings,
		shutdown
	} = options;
	if (settings.knownMethods) setKnownMethods(settings.knownMethods);
	const hasHooks = app.requestHook !== undefined || app.responseHook !== undefined;
	const hooks = hasHooks ? (await import('./app-parts.ts')).guardHooks(app) : {};
	const describeMissing: Requests['describeMissing'] = (ofTraces) =>
		[provider && ofTraces, measureRequest && 'metrics lack `http.route`'].filter(Boolean).join(', and ');
	const tracerCheck = new TracerCheck(describeMissing('traces are missing or incomplete'));
	// one line at the start already reports that
	if (buildManifest.missingFlag) tracerCheck.markUsed();
	const tracing: Tracing = {
		contextManager,
		propagator,
		spans,
		nameOf: createSpanNames(buildManifest.routes),
		remotes,
		proxy: dev ? directProxy : createProxy(process.env, buildManifest.envPrefix, buildManifest.origin),
		ownsErrors: !dev,
		redactQuery,
		ignores: matcher(settings.ignore),
		makesSpans: provider !== undefined,
		measureRequest,
		measureFiles: settings.measureFiles,
		publicEndpoint: settings.publicEndpoint,
		serverTiming: settings.serverTiming,
		tracerCheck,
		open: new Set(),
		lingering: new Lingering(),
		...hooks
	};
	const kitTracer = new KitTracer(tracing);
	const register = dev?.register ?? registerGlobally;
	register(
		createKitTracerProvider(provider ?? new ProxyTracerProvider(), kitTracer, shutdown),
		new KitPropagator(propagator)
	);
	const arrivals = entry ? undefined : await import('../custom-servers/trace-arrivals.ts');
	const { respond } = kitTracer;
	const recordSpans = (errors: KitErrors): RecordSpan => {
		kitTracer.markUsed();
		return provider ? createRecordSpan(tracing, kitTracer, errors) : createReadRoute(tracing);
	};
	const inTraces = provider && {
		render: createRender(tracing, kitTracer),
		callRemote: createCallRemote(tracing, kitTracer),
		handleError: createHandleError(tracing, kitTracer)
	};
	return {
		runtime: {
			...inTraces,
			recordSpans,
			respond,
			noteRemote: (remote) => remotes.note(remote),
			...createServing(tracing, arrivals?.traceArrivals(tracing))
		},
		settle: () => tracing.lingering.settle(),
		abandon: () => {
			for (const request of tracing.open) request.abandon();
			tracing.lingering.abandon();
		},
		describeMissing,
		outgoing: { fetchOptions, traceFetch }
	};
}

/** Registers globally until the process exits. */
const registerGlobally: DevStart['register'] = (provider, propagator) => {
	propagation.setGlobalPropagator(propagator);
	trace.setGlobalTracerProvider(provider);
};
