import { propagation, trace, context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { hasTracerProvider } from './api-global.ts';
import { matcher } from './configure/pattern.ts';
import { createPropagator } from './configure/propagator.ts';
import { createResource } from './configure/resource.ts';
import { createSampler } from './configure/sampler.ts';
import { readSettings } from './configure/settings.ts';
import { setDiagnostics } from './diagnostics.ts';
import { createExports } from './export/exporters.ts';
import facts from './facts.js';
import { traceFetch } from './libraries/fetch.ts';
import { log } from './log.ts';
import type { Runtime } from './register.ts';
import { createShutdown } from './shutdown.ts';
import { KitPropagator } from './trace/kit-propagator.ts';
import { KitSpanProcessor } from './trace/kit-span-processor.ts';
import { KitTracer, KitTracerProvider } from './trace/kit-tracer.ts';
import { createProxy } from './trace/proxy.ts';
import { createQueryRedactor } from './trace/query.ts';
import { createServing } from './trace/serve.ts';
import { KIT, type Tracing } from './trace/tracing.ts';

/**
 * Starts telemetry as the environment and the build want it.
 *
 * @param instrumentation the app's own `instrumentation.server` file, if it has one
 * @returns what the server entries need of it
 */
export async function startTelemetry(instrumentation: string | undefined): Promise<Partial<Runtime>> {
	if (hasTracerProvider()) return standDown('an OpenTelemetry SDK was registered before this one');
	setDiagnostics();
	if (instrumentation) await import(instrumentation);
	if (hasTracerProvider())
		return standDown("the app's instrumentation.server file has registered an OpenTelemetry SDK");

	const settings = readSettings(facts.defaults, process.env, (message) => log('warn', message));
	const userAgent = `${facts.distro.name}/${facts.distro.version}`;
	const [exports, propagator] = await Promise.all([
		createExports(settings, userAgent),
		createPropagator(settings.propagators)
	]);
	const resource = createResource(facts, settings.resource);
	// the host's id comes from a file; without it the first export would wait, or leave it out
	await resource.waitForAsyncAttributes?.();

	const contextManager = new AsyncLocalStorageContextManager().enable();
	const redactQuery = createQueryRedactor(settings.queryParameters);
	const provider = new TracerProvider({
		resource,
		sampler: createSampler(settings.sampler),
		spanLimits: settings.spanLimits,
		spanProcessors: [new KitSpanProcessor(contextManager, redactQuery), ...exports.processors]
	});
	const ignores = matcher(settings.ignore);
	const tracing: Tracing = {
		contextManager,
		propagator,
		tracer: provider.getTracer(KIT),
		proxy: createProxy(process.env, facts.envPrefix, facts.origin),
		redactQuery,
		ignoresPath: ignores,
		ignoresRoute: ignores,
		publicEndpoint: settings.publicEndpoint,
		serverTiming: settings.serverTiming,
		open: new Set()
	};

	context.setGlobalContextManager(contextManager);
	propagation.setGlobalPropagator(new KitPropagator(propagator));
	trace.setGlobalTracerProvider(new KitTracerProvider(provider, new KitTracer(tracing)));
	traceFetch(settings, redactQuery);

	const { flush, shutdown, exit } = createShutdown(
		{
			flush: async () => void (await Promise.allSettled(exports.processors.map((each) => each.forceFlush()))),
			abandon: () => tracing.open.forEach((request) => request.abandon()),
			close: exports.close,
			closeNow: exports.closeNow
		},
		settings.shutdownTimeoutMs
	);
	// adapter-node's event comes when the last connection has closed; the spans of its requests end with it
	process.on('sveltekit:shutdown' as never, () => setImmediate(() => void flush()));
	process.once('beforeExit', () => void shutdown());
	process.once('exit', exit);

	const { name, ratio } = settings.sampler;
	log(
		'info',
		`tracing ${resource.attributes['service.name']}; sampler ${name}${name.endsWith('ratio') ? ` ${ratio}` : ''}; exporter ${exports.description}; propagators ${settings.propagators.join(',') || 'none'}`
	);
	return { enabled: true, shutdown, ...createServing(tracing) };
}

/** Two SDKs in one process would each see half of the spans. */
function standDown(why: string): Partial<Runtime> {
	log('info', `${why}: it owns the tracing, ours stands down. Remove it to use adapter-node-otel's`);
	return { enabled: true };
}
