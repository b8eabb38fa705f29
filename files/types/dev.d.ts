/*
 * The interface between Vite's dev and preview servers, with `src/dev`, and the run-time half that traces them,
 * `files/dev`. Types only.
 */
import type {
	ContextManager,
	LoggerProvider,
	MeterProvider,
	TextMapPropagator,
	TracerProvider
} from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BuildManifest } from './build-manifest.d.ts';
import type { Providers, StartedInstrumentations } from './made-instrumentations.d.ts';

/** What decides which requests are traced. */
export interface DevSampling {
	/** The sampler as the startup line describes it. */
	readonly sampler: string;
	/** Whether it is the app's own sampler. */
	readonly isOwn: boolean;
	/** The ratios of routes. */
	readonly sample: Readonly<Record<string, number>>;
	/** Whether the sampler is that of a configuration file, unless it is the app's own. */
	readonly isOfFile: boolean;
}

/** The options for starting telemetry in a dev or preview server, where it may start more than once. */
export interface DevStart {
	/** Replaces the emitted manifest, because the options may change while the server runs. */
	readonly buildManifest: BuildManifest;
	/** The environment variables to use. */
	readonly environment: NodeJS.ProcessEnv;
	/** Whether another SDK is registered. */
	isForeign(): boolean;
	/** Keeps the context of requests that are running when telemetry starts. */
	readonly contextManager: ContextManager;
	/** Registers a provider and a propagator, and replaces the previous ones. */
	register(provider: TracerProvider, propagator: TextMapPropagator): void;
	/**
	 * Returns what to register for the app's meters: it delegates to the provider that started last, so that the app
	 * can keep its instruments.
	 */
	followMeters(provider: MeterProvider): MeterProvider;
	/** The same for the app's loggers. */
	followLoggers(provider: LoggerProvider): LoggerProvider;
	/** Delegates to the provider that was registered last. */
	readonly provider: TracerProvider;
	/**
	 * Runs `instrument` the first time only: libraries stay instrumented when telemetry restarts. Later their
	 * instrumentations get the providers.
	 */
	instrumentOnce(
		instrument: () => Promise<StartedInstrumentations>,
		providers: Providers
	): Promise<StartedInstrumentations>;
	/** Registers a function that runs when telemetry is stopped. */
	onStop(undo: () => void): void;
	/** Called with what decides which requests are traced: when traces start, and when a file has changed it. */
	onSampling(sampling: DevSampling): void;
	/** Gets all spans, in addition to the exporters. */
	readonly processor: SpanProcessor;
	/** Whether telemetry is on only for the page of traces: nothing is exported. */
	readonly isForPageAlone: boolean;
}

/** Remote functions by their id. */
export type RemoteFunctions = Map<string, { id: string; name: string }>;

/** The project that the server serves. */
export interface DevProject {
	/** The manifest with the configuration of telemetry. */
	readonly buildManifest: BuildManifest;
	/**
	 * The app's `instrumentation.server` file: `deferred` if SvelteKit will run it with the first request, unless
	 * telemetry is disabled, or its exports if it has run.
	 */
	readonly instrumentation: undefined | 'deferred' | { default?: unknown };
	/** The remote functions of the modules that are loaded. */
	readonly remotes: RemoteFunctions;
	/** The message on the page if this project cannot be traced with its configuration, as far as known so far. */
	notice(): string | undefined;
}

/** A Vite middleware, which passes on the requests that it does not handle. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: () => void) => unknown;

/** The run-time half in a dev or preview server: one instance for the whole process, across server restarts. */
export interface DevRuntime {
	/** Called when the server starts or restarts: checks the environment again, and starts or stops telemetry. */
	begin(project: DevProject): Promise<void>;
	/** Called when SvelteKit has run the app's `instrumentation.server` file, initially or after a change. */
	instrument(exports: { default?: unknown }): Promise<void>;
	/** Runs before SvelteKit's handler. */
	readonly trace: Middleware;
	/**
	 * Serves the page of traces, only to its own origin; the first request turns tracing on.
	 *
	 * @param rest the path after `/__otel`
	 */
	servePage(rest: string, req: IncomingMessage, res: ServerResponse): Promise<void>;
	/** Runs a function that a request waits for in a child span of the request, if there is a request. */
	measure<T>(name: string, attributes: Record<string, string>, run: () => Promise<T>): Promise<T>;
}
