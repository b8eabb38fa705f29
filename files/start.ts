import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import emittedManifest from './build-manifest.js';
import { createPropagator } from './config/propagator.ts';
import { createResource } from './config/resource.ts';
import { readSettings } from './config/settings.ts';
import { INSTRUMENTATION_FILE } from './diagnostics/instrumentation-file.ts';
import { log } from './diagnostics/log.ts';
import { setDiagnostics } from './diagnostics/sdk-diagnostics.ts';
import { createQueryRedactor } from './http/query.ts';
import { hasTracerProvider } from './sdk/api-registry.ts';
import { raiseRegistry } from './sdk/raise-registry.ts';
import { endWithProcess } from './start/end-with-process.ts';
import { startInstrumentations } from './start/instrumentations.ts';
import { logStart } from './start/log-start.ts';
import { createRuntime } from './start/runtime.ts';
import { startSignals } from './start/signals.ts';
import type { DevStart } from './types/dev.d.ts';
import type { Entry, Runtime } from './types/runtime.ts';

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
	const isForeign = dev?.isForeign ?? hasTracerProvider;
	const isPreceded = isForeign();
	// most apps have no such file, and most processes no other SDK: the code for them is loaded only if needed
	const app = load ? await (await import('./kit/app-instrumentation.ts')).runAppInstrumentation(load) : {};
	if (isForeign()) {
		const { standDown } = await import('./kit/stand-down.ts');
		return standDown(isPreceded ? undefined : INSTRUMENTATION_FILE);
	}
	// not earlier: the OpenTelemetry API fixes the version of its registry at the first registration
	raiseRegistry();
	setDiagnostics();

	const buildManifest = dev?.buildManifest ?? emittedManifest;
	const { defaults } = buildManifest;
	const settings = await readSettings(
		// the app's attributes are defaults in code, like the options, and have precedence over them
		{ ...defaults, resourceAttributes: { ...defaults.resourceAttributes, ...app.resourceAttributes } },
		dev?.environment ?? process.env,
		(message) => log('warn', message)
	);
	if (!settings?.traces && !settings?.metrics && !settings?.logs) return {};

	const [propagator, resource, exportLast] = await Promise.all([
		// without traces there is no context to propagate
		createPropagator(settings.traces ? settings.propagators : []),
		createResource(buildManifest, settings.resource),
		// loaded now, because at shutdown the files may be replaced by the next deployment, or deleted
		import('./shutdown/last-export.ts').then(({ loadLastExport }) => loadLastExport(settings))
	]);
	const contextManager = dev?.contextManager ?? new AsyncLocalStorageContextManager().enable();
	if (!dev) context.setGlobalContextManager(contextManager);
	const options = {
		app,
		buildManifest,
		contextManager,
		dev,
		entry,
		propagator,
		redactQuery: createQueryRedactor(settings.queryParameters),
		resource,
		settings,
		// of `endWithProcess`, which needs the signals that get these options
		shutdown: () => shutdown(),
		userAgent: `${buildManifest.distro.name}/${buildManifest.distro.version}`
	};

	const signals = await startSignals(options);
	const instrumentations = await startInstrumentations(signals, options);
	const shutdown = endWithProcess(signals, exportLast, options);
	dev?.onStop(() => {
		signals.metrics?.restore();
		signals.logs?.restore();
	});
	await logStart(signals, instrumentations, options, load !== undefined);
	return createRuntime(signals, shutdown);
}
