import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import { isMainThread } from 'node:worker_threads';
import emittedManifest from './build-manifest.js';
import { createPropagator } from './config/propagator.ts';
import { createResource } from './config/resource.ts';
import { readSettings } from './config/settings.ts';
import { INSTRUMENTATION_FILE } from './diagnostics/instrumentation-file.ts';
import { log } from './diagnostics/log.ts';
import { setDiagnostics } from './diagnostics/sdk-diagnostics.ts';
import { describeStart } from './diagnostics/startup-line.ts';
import { createQueryRedactor } from './http/query.ts';
import { instrumentLibraries } from './instrumentation/libraries.ts';
import { join } from './otlp/signal.ts';
import { hasTracerProvider } from './sdk/api-registry.ts';
import { raiseRegistry } from './sdk/raise-registry.ts';
import { allowSecondClose } from './shutdown/closed-server.ts';
import { onExit } from './shutdown/on-exit.ts';
import { createShutdown } from './shutdown/shutdown.ts';
import { flushOnSignals } from './shutdown/signals.ts';
import { isBelowTelemetry, joinThreads } from './threads/threads.ts';
import type { Defaults } from './types/build-manifest.d.ts';
import type { DevStart } from './types/dev.d.ts';
import type { Entry, Runtime } from './types/runtime.ts';
import type { Instrumentation, ServerInstrumentation } from './types/server-instrumentation.d.ts';

/**
 * Starts telemetry with the configuration of the environment and the build.
 *
 * @param load loads the app's `instrumentation.server` file, if there is one, for its default export
 * @param entry the server entry that has started telemetry; undefined if it was preloaded
 * @param dev options of a dev or preview server
 * @returns the functions for the server entries
 */
export async function startTelemetry(
	load: (() => Promise<unknown>) | undefined,
	entry: Entry | undefined,
	dev?: DevStart
): Promise<Partial<Runtime>> {
	const buildManifest = dev?.buildManifest ?? emittedManifest;
	const isForeign = dev?.isForeign ?? hasTracerProvider;
	const isPreceded = isForeign();
	const app = load ? await runFile(load) : {};
	if (isForeign()) {
		return useForeignSdk(
			isPreceded
				? 'an OpenTelemetry SDK is already registered'
				: `${INSTRUMENTATION_FILE} has registered an OpenTelemetry SDK`
		);
	}
	// not earlier: the OpenTelemetry API fixes the version of its registry at the first registration
	raiseRegistry();
	setDiagnostics();

	const settings = await readSettings(
		withAttributes(buildManifest.defaults, app.resourceAttributes),
		dev?.environment ?? process.env,
		(message) => log('warn', message)
	);
	if (!settings?.traces && !settings?.metrics && !settings?.logs) return {};
	const userAgent = `${buildManifest.distro.name}/${buildManifest.distro.version}`;
	const [propagator, resource, exportLast] = await Promise.all([
		// without traces there is no context to propagate
		createPropagator(settings.traces ? settings.propagators : []),
		createResource(buildManifest, settings.resource),
		// loaded now, because at shutdown the files may be replaced by the next deployment, or deleted
		import('./shutdown/last-export.ts').then(({ loadLastExport }) => loadLastExport(settings))
	]);
	const contextManager = dev?.contextManager ?? new AsyncLocalStorageContextManager().enable();
	const redactQuery = createQueryRedactor(settings.queryParameters);

	if (!dev) context.setGlobalContextManager(contextManager);

	// each signal is a separate chunk
	const metrics = settings.metrics
		? await import('./metrics/start-metrics.ts').then(({ startMetrics }) =>
				startMetrics(settings.metrics!, { app, dev, resource, userAgent, distro: buildManifest.distro })
			)
		: undefined;
	const options = {
		app,
		buildManifest,
		contextManager,
		dev,
		entry,
		measureRequest: metrics?.measureRequest,
		propagator,
		redactQuery,
		resource,
		settings,
		shutdown: () => shutdown(),
		userAgent
	};
	const traces = settings.traces
		? await import('./traces/start-traces.ts').then(({ startTraces }) =>
				startTraces(settings.traces!, options)
			)
		: undefined;
	const requests = traces?.requests ?? (await metrics?.handleRequests(options));
	const logs =
		settings.logs &&
		(await (
			await import('./logs/start-logs.ts')
		).startLogs(settings.logs, {
			dev,
			resource,
			severity: settings.logSeverity,
			bodyLimit: settings.logBodyLimit,
			instrumentations: buildManifest.defaults.instrumentations,
			userAgent
		}));
	const signal = join([traces, metrics, logs].filter((each) => each !== undefined));

	const { names, alreadyLoaded } = await instrumentLibraries({
		buildManifest,
		dev,
		settings,
		own: ([app.instrumentations ?? []] as unknown[]).flat(Infinity) as Instrumentation[],
		redactQuery,
		providers: {
			tracerProvider: dev?.provider ?? traces?.provider,
			meterProvider: metrics?.provider,
			loggerProvider: logs?.provider
		},
		outgoing: traces?.requests.outgoing,
		measureFetch: metrics?.measureFetch
	});

	metrics?.measureRuntime(names);
	logs?.observe(names);

	const thread = joinThreads();
	const { flush, shutdown, exit } = createShutdown(
		{
			flush: () => signal.flush(),
			abandon: () => requests?.abandon(),
			close: async () => {
				await signal.close();
				if (!isMainThread) thread.leave();
			},
			closeNow: (timeoutMs) => {
				exportLast(signal.drain(), userAgent, timeoutMs);
				thread.leave();
			}
		},
		settings.shutdownTimeoutMs
	);
	// adapter-node emits its event when the last connection closes. The span of a request that its client has left
	// ends a little later in the same turn of the event loop, after all immediates
	const drained = (): unknown =>
		setTimeout(() => {
			requests?.settle();
			void flush();
		});
	const idle = (): void => void shutdown();
	process.on('sveltekit:shutdown' as never, drained);
	process.once('beforeExit', idle);
	const leaveExit = onExit(exit);
	dev?.onStop(() => {
		process.off('sveltekit:shutdown' as never, drained);
		process.off('beforeExit', idle);
		leaveExit();
		metrics?.restore();
		logs?.restore();
	});

	log(
		// worker threads inherit preloaded modules, so the startup line need not be repeated
		isBelowTelemetry ? 'debug' : 'info',
		describeStart({
			service: String(resource.attributes[ATTR_SERVICE_NAME]),
			...(traces && { traces: { ...traces, propagators: settings.propagators } }),
			instrumentations: names,
			...(traces && { more: traces.rules }),
			...(metrics && { metrics: metrics.exporters }),
			...(logs && { logs: logs.exporters })
		})
	);
	if (!isMainThread && !isBelowTelemetry) (await import('./threads/worker-alone.ts')).logWorkerAlone();
	if (requests && buildManifest.missingFlag) {
		log(
			'warn',
			`${requests.describeMissing('this build cannot trace requests')}: SvelteKit has left its tracing out. ${buildManifest.missingFlag}`
		);
	}
	const isHandler = traces !== undefined && entry === 'handler.js' && isMainThread;
	if (isHandler || alreadyLoaded.length > 0) {
		const { logLateStart } = await import('./diagnostics/late-start.ts');
		logLateStart({
			isHandler,
			libraries: alreadyLoaded,
			hasFile: load !== undefined,
			isVite: dev !== undefined
		});
	}
	return {
		enabled: requests !== undefined,
		shutdown,
		...requests?.runtime,
		traceServer(server) {
			const http = server && ('listeners' in server ? server : server.server);
			requests?.runtime.traceServer(http);
			flushOnSignals(() => signal.flush());
			if (http) allowSecondClose(http);
		}
	};
}

/** Most apps have no such file, so the code that reads its configuration is loaded only if there is one. */
async function runFile(load: () => Promise<unknown>): Promise<ServerInstrumentation> {
	const { runAppInstrumentation } = await import('./kit/app-instrumentation.ts');
	return runAppInstrumentation(load);
}

/** The app's attributes are defaults in code, like the options, and have precedence over them. */
function withAttributes(
	defaults: Defaults,
	attributes: ServerInstrumentation['resourceAttributes']
): Defaults {
	return attributes
		? { ...defaults, resourceAttributes: { ...defaults.resourceAttributes, ...attributes } }
		: defaults;
}

/** With two SDKs in one process, each would record only a part of the spans. */
async function useForeignSdk(why: string): Promise<Partial<Runtime>> {
	// most processes have no other SDK
	const [{ adaptToForeignSdk }, { describeOwner }] = await Promise.all([
		import('./kit/foreign-sdk.ts'),
		import('./kit/foreign-owner.ts')
	]);
	adaptToForeignSdk();
	log('info', `${why}, which is used instead of adapter-node-otel's. ${describeOwner()}`);
	return { enabled: true };
}
