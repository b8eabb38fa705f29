import type { Attributes } from '@opentelemetry/api';
import type { SpanLimits } from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { Defaults } from '../types/build-manifest.d.ts';
import { type BatchSettings, SPAN_BATCH, readBatch } from './batch.ts';
import { type LogsSettings, readLogs } from './logs.ts';
import { type OptionSettings, readOptions } from './options.ts';
import type { MetricsSettings } from './metrics.ts';
import { type OtlpSettings, readOtlp } from './otlp.ts';
import { type SamplerSettings, readSampler } from './sampler.ts';
import { readSpanLimits } from './span-limits.ts';
import { Environment } from './variable.ts';
import { type DETECTORS, type PROPAGATORS, VARIABLES } from './variables.ts';

export type { BatchSettings } from './batch.ts';
export type { OtlpSettings } from './otlp.ts';

/** The settings of the SDK, from the environment or from a configuration file. */
export interface SdkSettings {
	readonly propagators: readonly (typeof PROPAGATORS)[number][];
	readonly resource: ResourceSettings;
	/** Undefined if traces are off. */
	readonly traces?: TracesSettings | undefined;
	/** Undefined if metrics are off. */
	readonly metrics?: MetricsSettings | undefined;
	/** Undefined if logs are off. */
	readonly logs?: LogsSettings | undefined;
	/** Whether they are those of a configuration file, which has the SDK's variables ignored. */
	readonly isOfFile?: true;
}

/** The settings of traces: the sampler, the limits and the exporters. */
export interface TracesSettings {
	readonly sampler: SamplerSettings;
	readonly processors: readonly ProcessorSettings[];
	readonly spanLimits: SpanLimits;
}

/** A span processor: batches for the collector, single spans for the console. */
export type ProcessorSettings =
	| { readonly exporter: OtlpSettings; readonly batch: BatchSettings }
	| { readonly exporter: 'console'; readonly batch?: undefined };

/** The resource attributes that are configured, and those that are detected. */
export interface ResourceSettings {
	/** Includes `service.name`, unless it is the default from the app's package.json. */
	readonly attributes: Attributes;
	readonly detectors: readonly (typeof DETECTORS)[number][];
}

/** All settings of the environment and the build, resolved and readonly. */
export interface Settings extends SdkSettings, OptionSettings {
	/** Undefined for the methods of the semantic conventions. */
	readonly knownMethods?: readonly string[];
	readonly instrumentations: { readonly enabled?: readonly string[]; readonly disabled: readonly string[] };
}

/**
 * Reads the environment; the options of the build are the defaults.
 *
 * @param defaults the options of `telemetry`
 * @param processEnv the process environment
 * @param logInvalid logs one line about a value that is invalid
 * @returns undefined if the configuration file disables telemetry
 */
export async function readSettings(
	defaults: Defaults,
	processEnv: NodeJS.ProcessEnv,
	logInvalid: (message: string) => void
): Promise<Settings | undefined> {
	const env = await readEnvironment(processEnv, logInvalid);
	// the check at startup has logged other invalid values already, but not a blank one
	if (!env.has(VARIABLES.sdkDisabled)) env.read(VARIABLES.sdkDisabled);
	env.read(VARIABLES.logLevel);

	const knownMethods = env.read(VARIABLES.knownMethods);
	const enabled = env.read(VARIABLES.enabledInstrumentations);
	const own = {
		...readOptions(env, defaults),
		...(knownMethods && { knownMethods }),
		instrumentations: {
			...(enabled && { enabled }),
			disabled: env.read(VARIABLES.disabledInstrumentations) ?? []
		}
	};
	if (!env.has(VARIABLES.configFile)) {
		env.read(VARIABLES.configFile);
		return { ...(await readSdkSettings(env, defaults)), ...own };
	}
	const { applyConfigFile } = await import('./file/config-file.ts');
	const sdk = await applyConfigFile(env, defaults);
	return sdk === 'off' ? undefined : { ...(sdk ?? (await readSdkSettings(env, defaults))), ...own };
}

/** The environment, with the variables of the sampling file if there is one. */
async function readEnvironment(
	processEnv: NodeJS.ProcessEnv,
	logInvalid: (message: string) => void
): Promise<Environment> {
	const env = new Environment(processEnv, logInvalid);
	if (!env.has(VARIABLES.samplingFile)) {
		env.read(VARIABLES.samplingFile);
		return env;
	}
	const { variablesOfFile } = await import('../sampling/sampling-file.ts');
	return new Environment({ ...processEnv, ...variablesOfFile(env) }, logInvalid);
}

/** Reads the settings of the SDK from the environment. Mirrors `startNodeSdk` of `@opentelemetry/sdk-node`. */
async function readSdkSettings(env: Environment, defaults: Defaults): Promise<SdkSettings> {
	const attributes: Attributes = {
		...(defaults.serviceName && { [ATTR_SERVICE_NAME]: defaults.serviceName }),
		...defaults.resourceAttributes,
		...env.read(VARIABLES.resourceAttributes)
	};
	const { [ATTR_SERVICE_NAME]: otherwise = VARIABLES.serviceName.fallbackText } = attributes;
	const serviceName = env.read({ ...VARIABLES.serviceName, fallbackText: String(otherwise) });

	return {
		propagators: env.read(VARIABLES.propagators),
		traces: readTraces(env),
		metrics: await readMetrics(env),
		logs: readLogs(env),
		resource: {
			attributes: { ...attributes, ...(serviceName && { [ATTR_SERVICE_NAME]: serviceName }) },
			detectors: env.read(VARIABLES.resourceDetectors)
		}
	};
}

function readTraces(env: Environment): TracesSettings | undefined {
	const exporters = env.read(VARIABLES.tracesExporter);
	if (exporters.length === 0) return undefined;
	return {
		sampler: readSampler(env),
		processors: exporters.map((name) =>
			name === 'otlp'
				? { exporter: readOtlp(env, 'traces'), batch: readBatch(env, SPAN_BATCH) }
				: { exporter: name }
		),
		spanLimits: readSpanLimits(env)
	};
}

async function readMetrics(env: Environment): Promise<MetricsSettings | undefined> {
	const exporters = env.read(VARIABLES.metricsExporter);
	if (exporters.length === 0) return undefined;
	// loaded only if metrics are on
	const metrics = await import('./metrics.ts');
	return metrics.readMetrics(env, exporters);
}
