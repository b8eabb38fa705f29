import {
	type Span,
	SpanStatusCode,
	type TextMapPropagator,
	type TracerProvider,
	context,
	propagation,
	trace
} from '@opentelemetry/api';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RUNTIME } from '../entry/runtime-key.ts';
import { NO_SPAN } from '../http/request-context.ts';
import { onClose } from '../http/response.ts';
import { hasTracerProvider } from '../sdk/api-registry.ts';
import { startTelemetry } from '../start.ts';
import type { BuildManifest } from '../types/build-manifest.d.ts';
import type { DevSampling, DevStart, Middleware, RemoteFunctions } from '../types/dev.d.ts';
import type { StartedInstrumentations } from '../types/made-instrumentations.d.ts';
import type { RecordSpan, Runtime } from '../types/runtime.ts';
import { CurrentMeterProvider } from './current-meters.ts';
import { CurrentLoggerProvider, CurrentProvider, CurrentPropagator } from './current.ts';
import { LaterContext } from './later-context.ts';
import { type OlderApi, setDelegate } from './older-api.ts';
import { observeRequests } from './observe-requests.ts';
import { spanContextOfRequest } from './request-span.ts';
import type { TraceStore } from './trace-store.ts';

/** The time that a restart waits for requests. */
const MAX_WAIT_MS = 1000;

/** The tracer name for spans of Vite's work. */
const VITE = 'vite';

/** The settings for starting telemetry. */
export interface StartOptions {
	buildManifest: BuildManifest;
	/** The environment variables to use. */
	environment: NodeJS.ProcessEnv;
	/** The exports of the app's `instrumentation.server` file, if it has one. */
	exports: { default?: unknown } | undefined;
	/** Whether traces are on only for the page: they are not exported. */
	isForPageAlone: boolean;
}

/**
 * Telemetry that can be started more than once in a process. What is registered with the API stays
 * registered, and delegates to what was started last. SvelteKit, the app and its libraries keep the
 * objects that they got first.
 */
export class DevTelemetry {
	readonly #contextManager = new AsyncLocalStorageContextManager().enable();
	readonly #provider = new CurrentProvider();
	readonly #propagator = new CurrentPropagator();
	readonly #meters = new CurrentMeterProvider();
	readonly #loggers = new CurrentLoggerProvider();
	readonly #store: TraceStore;
	readonly #remotes: RemoteFunctions;
	readonly #olderApi: OlderApi | undefined;
	readonly #onSampling: () => void;
	/** Requests that arrived before telemetry could start: see {@link LaterContext}. */
	readonly #waiting = new Map<Parameters<Middleware>[0], () => void>();
	/** The requests that are being served. */
	readonly #open = new Set<ServerResponse>();
	readonly #undo: (() => void)[] = [];
	#isRegistered = false;
	#instrumented: StartedInstrumentations | undefined;
	#runtime: Partial<Runtime> | undefined;
	/** What decides which requests are traced; undefined if none are. */
	sampling: DevSampling | undefined;

	/**
	 * @param store gets all spans and the lines of the requests
	 * @param remotes the remote functions of the modules that are loaded
	 * @param olderApi the app's copy of the API, if it is too old for this code
	 * @param onSampling called when `sampling` has changed
	 */
	constructor(
		store: TraceStore,
		remotes: RemoteFunctions,
		olderApi: OlderApi | undefined,
		onSampling: () => void
	) {
		this.#store = store;
		this.#remotes = remotes;
		this.#olderApi = olderApi;
		this.#onSampling = onSampling;
	}

	/** Whether requests are traced by this SDK. With metrics alone they are handled, but rendering is not. */
	get isTracing(): boolean {
		return this.#runtime?.render !== undefined;
	}

	/** Whether another SDK was registered first. */
	get hasStoodDown(): boolean {
		return this.#runtime?.enabled === true && !this.#runtime.traceHandler;
	}

	/** Whether telemetry was started, and its settings turn traces off. */
	get isWithoutTraces(): boolean {
		return this.#runtime !== undefined && !this.hasStoodDown && !this.isTracing;
	}

	/** Starts telemetry, and replaces what was started before. */
	async start({ buildManifest, environment, exports, isForPageAlone }: StartOptions): Promise<void> {
		await this.stop();
		const load = exports && (async (): Promise<unknown> => exports.default);
		this.#runtime = await startTelemetry(load, 'index.js', {
			buildManifest,
			environment,
			isForeign: () => !this.#isRegistered && hasTracerProvider(),
			contextManager: this.#contextManager,
			register: (...current) => this.#register(...current),
			provider: this.#provider,
			followMeters: (provider) => {
				this.#meters.current = provider;
				return this.#meters;
			},
			followLoggers: (provider) => {
				this.#loggers.current = provider;
				return this.#loggers;
			},
			instrumentOnce: this.#instrumentOnce,
			onStop: (undo) => void this.#undo.push(undo),
			onSampling: (sampling) => {
				this.sampling = sampling;
				this.#onSampling();
			},
			processor: this.#store,
			isForPageAlone
		});
		this.#publish(this.#runtime);
		this.#undo.push(
			observeRequests(
				() => this.#contextManager.active(),
				(...line) => this.#store.addLine(...line)
			)
		);
		for (const start of this.#waiting.values()) start();
		this.#waiting.clear();
	}

	/** Exports the remaining data and stops. SvelteKit's spans are no-ops from then on. */
	async stop(): Promise<void> {
		const runtime = this.#runtime;
		if (!runtime) return;
		this.#runtime = this.sampling = undefined;
		this.#provider.current = this.#propagator.current = undefined;
		this.#publish({ enabled: false });
		await runtime.shutdown?.();
		this.#meters.current = this.#loggers.current = undefined;
		for (const undo of this.#undo.splice(0)) undo();
	}

	/**
	 * Runs the handler of a request so that its spans belong together, even if telemetry starts in the
	 * meantime.
	 */
	trace: Middleware = (req, res, next) => {
		this.#open.add(res);
		onClose(res, () => this.#open.delete(res));
		if (this.#runtime) return this.#runtime.traceHandler ? this.#handle(req, res, next) : next();
		const later = new LaterContext();
		const arrival = this.#contextManager.active();
		const become = (): void => later.become(this.#contextManager.active());
		// telemetry starts in the later context of one of these requests, which must not become its own parent
		this.#waiting.set(req, () => this.#contextManager.with(arrival, () => this.#handle(req, res, become)));
		onClose(res, () => this.#waiting.delete(req));
		return this.#contextManager.with(later, next);
	};

	/** Resolves when no request is being served, or after a second: a restart would cut their spans. */
	async whenIdle(): Promise<void> {
		const ends = [...this.#open].map((res) => once(res, 'close'));
		await Promise.race([Promise.all(ends), delay(MAX_WAIT_MS, undefined, { ref: false })]);
	}

	/** Runs a function in a span below the request that waits for it. */
	async measure<T>(name: string, attributes: Record<string, string>, run: () => Promise<T>): Promise<T> {
		const parent = this.isTracing && spanContextOfRequest(this.#contextManager.active());
		if (!parent) return run();
		const span = this.#provider.getTracer(VITE).startSpan(name, { attributes }, parent);
		try {
			return await run();
		} catch (error) {
			fail(span, error as Error);
			throw error;
		} finally {
			span.end();
		}
	}

	#instrumentOnce: DevStart['instrumentOnce'] = async (instrument, providers) => {
		if (!this.#instrumented) return (this.#instrumented = await instrument());
		this.#instrumented.useProviders?.(providers);
		// logged the first time
		return { ...this.#instrumented, alreadyLoaded: [] };
	};

	/**
	 * For a built server in `vite preview`, which keeps the function that it gets first. There is no span between the
	 * end of telemetry and its next start.
	 */
	#recordSpans: NonNullable<Runtime['recordSpans']> = (errors) => {
		let started: Partial<Runtime> | undefined;
		let recordSpan: RecordSpan | undefined;
		return (options) => {
			if (started !== this.#runtime) {
				started = this.#runtime;
				recordSpan = started?.recordSpans?.(errors);
			}
			return recordSpan ? recordSpan(options) : options.fn(NO_SPAN);
		};
	};

	/** Lets SvelteKit's modules find what was started. */
	#publish(runtime: Partial<Runtime>): void {
		for (const remote of this.#remotes.values()) runtime.noteRemote?.(remote);
		(globalThis as { [RUNTIME]?: Partial<Runtime> })[RUNTIME] = {
			...runtime,
			...(runtime.recordSpans && { recordSpans: this.#recordSpans }),
			noteRemote: (remote) => {
				this.#remotes.set(remote.id, remote);
				runtime.noteRemote?.(remote);
			}
		};
	}

	#handle: Middleware = (req, res, next) => this.#runtime?.traceHandler?.(() => next())(req, res);

	#register(provider: TracerProvider, propagator: TextMapPropagator): void {
		this.#provider.current = provider;
		this.#propagator.current = propagator;
		if (this.#isRegistered) return;
		this.#isRegistered = true;
		context.setGlobalContextManager(this.#contextManager);
		propagation.setGlobalPropagator(this.#propagator);
		trace.setGlobalTracerProvider(this.#provider);
		if (this.#olderApi) setDelegate(this.#olderApi, this.#provider);
	}
}

function fail(span: Span, error: Error): void {
	span.recordException(error);
	span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
}
