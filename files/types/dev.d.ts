/*
 * The seam between Vite's dev and preview servers, which `src/dev` is in, and the run-time half that traces
 * them, `files/dev`. Types only.
 */
import type { ContextManager, TextMapPropagator, TracerProvider } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BuildManifest } from './build-manifest.d.ts';

/** What telemetry is started with in a dev or preview server, where it may start more than once. */
export interface DevStart {
	/** In the place of the emitted one, for the options may change while the server runs. */
	readonly buildManifest: BuildManifest;
	/** What is configured. */
	readonly environment: NodeJS.ProcessEnv;
	/** Whether somebody else has registered an SDK. */
	isForeign(): boolean;
	/** Keeps the contexts of requests that a start meets half-way. */
	readonly contextManager: ContextManager;
	/** Registers what is started, in the place of what was started before. */
	register(provider: TracerProvider, propagator: TextMapPropagator): void;
	/** Leads to what was registered last. */
	readonly provider: TracerProvider;
	/** Sets libraries to be instrumented, the first time: they stay so, whatever starts later. */
	instrumentOnce(instrument: () => Promise<string[]>): Promise<string[]>;
	/** Is told how to let go of the process when what is started is stopped. */
	onStop(letGo: () => void): void;
	/** Sees all spans, beside the exporters. */
	readonly processor: SpanProcessor;
	/** Whether telemetry is on for the page of traces alone: nothing is exported. */
	readonly isForPageAlone: boolean;
}

/** What the server is about to serve. */
export interface DevProject {
	/** How telemetry is configured. */
	readonly buildManifest: BuildManifest;
	/**
	 * The app's `instrumentation.server` file: `deferred` where SvelteKit will run it with the first request,
	 * its exports where it has run.
	 */
	readonly instrumentation: undefined | 'deferred' | { default?: unknown };
	/** What the page says where this project cannot be traced as it is configured, as far as is known by now. */
	notice(): string | undefined;
}

/** A handler of Vite's, which passes on what is not its own. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: () => void) => unknown;

/** The run-time half in a dev or preview server: one for the life of the process, whatever restarts. */
export interface DevRuntime {
	/** The server begins, or has restarted: decides anew, by the environment, and starts or stops telemetry. */
	begin(project: DevProject): Promise<void>;
	/** SvelteKit has run the app's `instrumentation.server` file, for the first time or because it has changed. */
	instrument(exports: { default?: unknown }): Promise<void>;
	/** In front of SvelteKit's handler. */
	readonly trace: Middleware;
	/**
	 * Answers the page of traces, to its own origin; the first time switches tracing on.
	 *
	 * @param rest of the path, behind `/__otel`
	 */
	servePage(rest: string, req: IncomingMessage, res: ServerResponse): Promise<void>;
	/** Runs something that a request has to wait for in a span below it, if there is a request. */
	measure<T>(name: string, attributes: Record<string, string>, run: () => Promise<T>): Promise<T>;
}
