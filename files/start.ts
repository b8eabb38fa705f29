import { propagation, trace, context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import { isMainThread } from 'node:worker_threads';
import { hasTracerProvider } from './api-global.ts';
import {
	chooseSampler,
	flatten,
	guardHooks,
	guardProcessors,
	runAppInstrumentation
} from './app-instrumentation.ts';
import { matcher } from './configure/pattern.ts';
import { createPropagator } from './configure/propagator.ts';
import { createResource } from './configure/resource.ts';
import { createSampler, isInherited } from './configure/sampler.ts';
import { readSettings } from './configure/settings.ts';
import { setDiagnostics } from './diagnostics.ts';
import { createExports } from './export/exporters.ts';
import facts from './facts.js';
import { getOnWithForeignSdk } from './foreign.ts';
import { FILE } from './guard.ts';
import { instrumentLibraries } from './libraries/libraries.ts';
import { log } from './log.ts';
import type { Runtime } from './register.ts';
import type { Defaults } from './seam.d.ts';
import type { ServerInstrumentation } from './server-instrumentation.d.ts';
import { createShutdown } from './shutdown.ts';
import { describeStart } from './startup-line.ts';
import { KitPropagator } from './trace/kit-propagator.ts';
import { KitSpanProcessor } from './trace/kit-span-processor.ts';
import { KitSpans } from './trace/kit-spans.ts';
import { KitTracer, KitTracerProvider } from './trace/kit-tracer.ts';
import { createProxy } from './trace/proxy.ts';
import { createQueryRedactor } from './trace/query.ts';
import { RandomIds } from './trace/random-ids.ts';
import { SafeProcessors } from './trace/safe-processors.ts';
import { createServing } from './trace/serve.ts';
import { KIT, type Tracing } from './trace/tracing.ts';

/**
 * Starts telemetry as the environment and the build want it.
 *
 * @param instrumentation the app's own `instrumentation.server` file, if it has one
 * @returns what the server entries need of it
 */
export async function startTelemetry(instrumentation: string | undefined): Promise<Partial<Runtime>> {
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
		withAttributes(facts.defaults, app.resourceAttributes),
		process.env,
		(message) => log('warn', message)
	);
	if (!settings) return {};
	const userAgent = `${facts.distro.name}/${facts.distro.version}`;
	const [exports, propagator, resource] = await Promise.all([
		createExports(settings.processors, userAgent),
		createPropagator(settings.propagators),
		createResource(facts, settings.resource)
	]);

	const contextManager = new AsyncLocalStorageContextManager().enable();
	const redactQuery = createQueryRedactor(settings.queryParameters);
	const own = guardProcessors(app.spanProcessors);
	const processor = new SafeProcessors([
		new KitSpanProcessor(contextManager, redactQuery),
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
		proxy: createProxy(process.env, facts.envPrefix, facts.origin),
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
		facts,
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
	if (facts.isWithoutTracing) {
		log(
			'warn',
			'this build cannot trace requests: SvelteKit has left its tracing out. Set kit.experimental.tracing.server in svelte.config.js and build again'
		);
	}
	const { unrecorded, serves } = kitTracer;
	return { enabled: true, unrecorded, serves, shutdown, ...createServing(tracing) };
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
