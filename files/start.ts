import { propagation, trace, context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { hasTracerProvider } from './sdk/api-registry.ts';
import {
	chooseSampler,
	flatten,
	guardHooks,
	guardProcessors,
	runAppInstrumentation
} from './kit/app-instrumentation.ts';
import { matcher } from './config/pattern.ts';
import { createPropagator } from './config/propagator.ts';
import { createResource } from './config/resource.ts';
import { createSampler, isInherited } from './config/sampler.ts';
import { readSettings } from './config/settings.ts';
import { setDiagnostics } from './diagnostics/sdk-diagnostics.ts';
import { createExports } from './otlp/exporters.ts';
import buildManifest from './build-manifest.js';
import { getOnWithForeignSdk } from './kit/foreign-sdk.ts';
import { FILE } from './diagnostics/guard.ts';
import { instrumentLibraries } from './instrumentation/libraries.ts';
import { log } from './diagnostics/log.ts';
import type { Entry, KitErrors, RecordSpan, Runtime } from './types/runtime.ts';
import type { Defaults } from './types/build-manifest.d.ts';
import type { ServerInstrumentation } from './types/server-instrumentation.d.ts';
import { createShutdown } from './shutdown/shutdown.ts';
import { describeLateStart, describeStart } from './diagnostics/startup-line.ts';
import { KitPropagator } from './kit/kit-propagator.ts';
import { KitSpanProcessor } from './kit/kit-span-processor.ts';
import { KitSpans } from './kit/kit-spans.ts';
import { KitTracer, KitTracerProvider } from './kit/kit-tracer.ts';
import { setKnownMethods } from './http/methods.ts';
import { createRecordSpan } from './kit/record-span.ts';
import { createProxy } from './http/proxy.ts';
import { createQueryRedactor } from './http/query.ts';
import { RemoteFunctions } from './kit/remote-functions.ts';
import { createSpanNames } from './kit/span-names.ts';
import { RandomIds } from './sdk/random-ids.ts';
import { SafeProcessors } from './sdk/safe-processors.ts';
import { createServing } from './http/serve.ts';
import { KIT } from './kit/names.ts';
import type { Tracing } from './kit/tracing.ts';

/**
 * Starts telemetry as the environment and the build want it.
 *
 * @param instrumentation the app's own `instrumentation.server` file, if it has one
 * @param entry which of the server's entries has started it; none where it was preloaded
 * @returns what the server entries need of it
 */
export async function startTelemetry(
	instrumentation: string | undefined,
	entry: Entry | undefined
): Promise<Partial<Runtime>> {
	const isPreceded = hasTracerProvider();
	const app = instrumentation ? await runAppInstrumentation(instrumentation) : {};
	if (hasTracerProvider()) {
		return standDown(
			isPreceded
				? 'an OpenTelemetry SDK was registered before this one'
				: `${FILE} has registered an OpenTelemetry SDK`
		);
	}
	// not before: the API holds its registry to the version that was first
	setDiagnostics();

	const settings = await readSettings(
		withAttributes(buildManifest.defaults, app.resourceAttributes),
		process.env,
		(message) => log('warn', message)
	);
	if (!settings) return {};
	const userAgent = `${buildManifest.distro.name}/${buildManifest.distro.version}`;
	const [exports, propagator, resource] = await Promise.all([
		createExports(settings.processors, userAgent),
		createPropagator(settings.propagators),
		createResource(buildManifest, settings.resource)
	]);

	const contextManager = new AsyncLocalStorageContextManager().enable();
	const redactQuery = createQueryRedactor(settings.queryParameters);
	const remotes = new RemoteFunctions(buildManifest.base, buildManifest.appDir);
	const own = guardProcessors(app.spanProcessors);
	const processor = new SafeProcessors([
		new KitSpanProcessor(contextManager, redactQuery, remotes),
		...own,
		...exports.processors
	]);
	const environmentSampler = createSampler(settings.sampler);
	const sampler = chooseSampler(app.sampler, environmentSampler, process.env);
	const idGenerator = new RandomIds();
	const provider = new TracerProvider({
		resource,
		sampler,
		idGenerator,
		spanLimits: settings.spanLimits,
		spanProcessors: [processor]
	});
	if (settings.knownMethods) setKnownMethods(settings.knownMethods);
	const ignores = matcher(settings.ignore);
	const tracing: Tracing = {
		contextManager,
		propagator,
		spans: new KitSpans(
			{ resource, scope: { name: KIT }, limits: settings.spanLimits, processor },
			{
				sampler,
				isInherited: sampler === environmentSampler && isInherited(settings.sampler),
				readsAttributes: sampler !== environmentSampler
			},
			idGenerator
		),
		nameOf: createSpanNames(buildManifest.routes),
		remotes,
		proxy: createProxy(process.env, buildManifest.envPrefix, buildManifest.origin),
		redactQuery,
		ignoresPath: ignores,
		ignoresRoute: ignores,
		publicEndpoint: settings.publicEndpoint,
		serverTiming: settings.serverTiming,
		open: new Set(),
		...guardHooks(app)
	};

	context.setGlobalContextManager(contextManager);
	propagation.setGlobalPropagator(new KitPropagator(propagator));
	const kitTracer = new KitTracer(tracing);
	trace.setGlobalTracerProvider(new KitTracerProvider(provider, kitTracer));
	const instrumentations = await instrumentLibraries({
		buildManifest,
		settings,
		own: flatten(app.instrumentations),
		redactQuery,
		provider
	});

	const { flush, shutdown, exit } = createShutdown(
		{
			flush: () => processor.forceFlush(),
			abandon: () => tracing.open.forEach((request) => request.abandon()),
			close: async () => void (await Promise.all([exports.close(), ...own.map((each) => each.shutdown())])),
			closeNow: exports.closeNow
		},
		settings.shutdownTimeoutMs
	);
	// adapter-node's event comes when the last connection has closed; the spans of its requests end with it
	process.on('sveltekit:shutdown' as never, () => setImmediate(() => void flush()));
	process.once('beforeExit', () => void shutdown());
	process.once('exit', exit);

	log(
		// threads have what was preloaded into the process: it need not be said again
		isMainThread ? 'info' : 'debug',
		describeStart({
			service: String(resource.attributes[ATTR_SERVICE_NAME]),
			sampler: sampler === environmentSampler ? settings.sampler : `of ${FILE}`,
			exporters: exports.descriptions,
			propagators: settings.propagators,
			instrumentations
		})
	);
	if (buildManifest.isWithoutTracing) {
		log(
			'warn',
			'this build cannot trace requests: SvelteKit has left its tracing out. Set kit.experimental.tracing.server in svelte.config.js and build again'
		);
	}
	const arrivals = entry ? undefined : await import('./custom-servers/arrivals.ts');
	if (entry === 'handler.js' && isMainThread)
		log('info', describeLateStart(fileURLToPath(new URL('register.js', import.meta.url))));
	const { reach, unrecorded, serves } = kitTracer;
	const recordSpans = (errors: KitErrors): RecordSpan => createRecordSpan(tracing, kitTracer, errors);
	const noteRemote: Runtime['noteRemote'] = (remote) => remotes.note(remote);
	return {
		enabled: true,
		recordSpans,
		reach,
		unrecorded,
		serves,
		noteRemote,
		shutdown,
		...createServing(tracing, arrivals?.meetArrivals(tracing))
	};
}

/** The app's attributes are defaults in code, like the options, and come after them. */
function withAttributes(
	defaults: Defaults,
	attributes: ServerInstrumentation['resourceAttributes']
): Defaults {
	return attributes
		? { ...defaults, resourceAttributes: { ...defaults.resourceAttributes, ...attributes } }
		: defaults;
}

/** Two SDKs in one process would each see half of the spans. */
function standDown(why: string): Partial<Runtime> {
	getOnWithForeignSdk();
	log('info', `${why}: it owns the tracing, ours stands down. Remove it to use adapter-node-otel's`);
	return { enabled: true };
}
