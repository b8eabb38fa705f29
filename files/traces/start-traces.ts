import type { TracerProvider } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { type Sampler, TracerProvider as SdkTracerProvider } from '@opentelemetry/sdk-trace';
import type { SamplerSettings } from '../config/sampler.ts';
import { describeSampler, isInherited } from '../config/sampler.ts';
import type { TracesSettings } from '../config/settings.ts';
import { VARIABLES } from '../config/variables.ts';
import { INSTRUMENTATION_FILE } from '../diagnostics/instrumentation-file.ts';
import { RemoteFunctions } from '../http/remote-functions.ts';
import { requestOf } from '../http/request-context.ts';
import { KitSpanProcessor } from '../kit/kit-span-processor.ts';
import { type Requests, type RequestsOptions, handleRequests } from '../kit/requests.ts';
import type { Signal } from '../otlp/signal.ts';
import { KIT } from '../sdk/kit-names.ts';
import { KitSpans } from '../sdk/kit-spans.ts';
import { RandomIds } from '../sdk/random-ids.ts';
import type { SamplingFiles, SamplingSettings } from '../sampling/watch-files.ts';
import { SafeProcessors } from '../sdk/safe-processors.ts';
import { samplerByRoute } from './route-sampler.ts';
import { describeRules } from './describe-rules.ts';
import { createExports } from './exports.ts';
import { createSampler } from './sampler.ts';

/** Traces, if they are on. */
export interface Traces extends Signal {
	/** Handles the requests that are traced. */
	requests: Requests;
	/** The SDK's provider, for all spans except those of SvelteKit. */
	provider: TracerProvider;
	/** The sampler, for the startup line. */
	sampler: SamplerSettings | string;
	/** Other sampling rules, for the startup line. */
	rules: readonly string[];
}

/** The options of traces, besides their settings. */
export interface TracesOptions extends RequestsOptions {
	resource: Resource;
	/** The `User-Agent` header. */
	userAgent: string;
}

/**
 * Starts tracing of requests and other spans.
 *
 * @param settings the settings of traces
 * @param options the other options
 */
export async function startTraces(settings: TracesSettings, options: TracesOptions): Promise<Traces> {
	const { app, buildManifest, contextManager, dev, redactQuery, resource, userAgent } = options;
	const { keepErrors, keepSlowerThanMs, sample, isOfFile = false } = options.settings;
	const sampling: SamplingSettings = { sampler: settings.sampler, sample, keepErrors, keepSlowerThanMs };
	const exports = await createExports(dev?.isForPageAlone ? [] : settings.processors, userAgent);
	const { exporters, flush, close, drain } = exports;
	const processors = dev ? [...exports.processors, dev.processor] : exports.processors;
	const remotes = new RemoteFunctions(buildManifest.base, buildManifest.appDir);
	const parts = app.spanProcessors || app.sampler ? await import('../kit/app-parts.ts') : undefined;
	const own = parts?.guardProcessors(app.spanProcessors) ?? [];
	const files = await findSamplingFiles(sampling, options);
	const environmentSampler = files?.sampler ?? samplerOf(sampling);
	// with a configuration file, the variables of the sampler are ignored
	const env = isOfFile ? {} : process.env;
	const chosen = parts?.chooseSampler(app.sampler, environmentSampler, env) ?? environmentSampler;
	const isKeeping = keepErrors || keepSlowerThanMs !== undefined || files !== undefined;
	const kept = isKeeping ? await import('../kept/keep-traces.ts') : undefined;
	const keeping = kept?.keepTraces({ keepErrors, keepSlowerThanMs }, chosen, processors);
	const sampler = keeping?.sampler ?? chosen;
	const kitProcessor = new KitSpanProcessor(contextManager, redactQuery, remotes);
	const processor = new SafeProcessors([
		kitProcessor,
		...own,
		...(keeping ? [keeping.processor] : []),
		...processors
	]);
	const idGenerator = new RandomIds();
	const spans = new KitSpans(
		{ resource, scope: { name: KIT }, limits: settings.spanLimits, processor },
		{
			sampler,
			isInherited: chosen === environmentSampler && isInherited(settings.sampler),
			readsAttributes: chosen !== environmentSampler
		},
		idGenerator,
		requestOf
	);
	const provider = new SdkTracerProvider({
		resource,
		sampler,
		idGenerator,
		spanLimits: settings.spanLimits,
		spanProcessors: [processor]
	});
	const requests = await handleRequests(options, spans, remotes, provider);
	const ownSampler = chosen === environmentSampler ? undefined : `of ${INSTRUMENTATION_FILE}`;
	const report = (current: SamplingSettings): void =>
		dev?.onSampling({
			sampler: ownSampler ?? describeSampler(current.sampler),
			isOwn: ownSampler !== undefined,
			sample: ownSampler ? {} : current.sample,
			isOfFile
		});
	report(sampling);
	const unwatch = files?.watch(
		(rules) => {
			if (keeping) keeping.processor.rules = rules;
			report(rules);
		},
		{ ownSampler }
	);
	return {
		exporters,
		flush: async () => void (await Promise.all([flush(), ...own.map((each) => each.forceFlush())])),
		close: async () => {
			unwatch?.();
			await Promise.all([close(), ...own.map((each) => each.shutdown())]);
		},
		drain,
		requests: {
			...requests,
			abandon: () => {
				requests.abandon();
				kitProcessor.abandon();
			}
		},
		provider,
		sampler: ownSampler ?? settings.sampler,
		rules: [...describeRules(sampling), ...(files?.description ?? [])]
	};
}

const samplerOf = ({ sampler, sample }: SamplingSettings): Sampler =>
	createSampler(sampler, samplerByRoute(sample));

/** The files that can change the sampling later, if there are any. Loaded only then. */
async function findSamplingFiles(
	sampling: SamplingSettings,
	{ buildManifest, dev }: TracesOptions
): Promise<SamplingFiles | undefined> {
	const env = dev?.environment ?? process.env;
	const files = [VARIABLES.configFile, VARIABLES.samplingFile];
	if (!files.some(({ name }) => env[name]?.trim())) return undefined;
	const { SamplingFiles } = await import('../sampling/watch-files.ts');
	return new SamplingFiles(buildManifest.defaults, env, sampling, samplerOf);
}
