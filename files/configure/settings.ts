import type { SpanLimits } from '@opentelemetry/sdk-trace';
import type { Defaults, Pattern } from '../seam.d.ts';
import { type OtlpSettings, readOtlpSettings } from './endpoint.ts';
import { Environment, quote } from './variable.ts';
import { SAMPLERS, VARIABLES } from './variables.ts';

/** Everything that the environment and the build say, resolved and readonly. */
export interface Settings {
	readonly sampler: { readonly name: (typeof SAMPLERS)[number]; readonly ratio: number };
	readonly propagators: readonly string[];
	readonly exporters: readonly ('otlp' | 'console')[];
	readonly otlp: OtlpSettings;
	readonly batch: BatchSettings;
	readonly spanLimits: SpanLimits;
	readonly resource: {
		readonly serviceName?: string;
		readonly attributes: Record<string, string>;
		readonly detectors: readonly string[];
	};
	readonly configFile?: string;
	readonly publicEndpoint: boolean;
	readonly ignore: readonly Pattern[];
	/** Undefined: to every host. */
	readonly propagateTo?: readonly Pattern[];
	readonly queryParameters: readonly string[] | true;
	readonly serverTiming: boolean;
	readonly shutdownTimeoutMs: number;
	readonly instrumentations: { readonly enabled?: readonly string[]; readonly disabled: readonly string[] };
}

/** How spans are gathered into exports: the batch span processor of the SDK specification. */
export interface BatchSettings {
	maxQueueSize: number;
	maxExportBatchSize: number;
	scheduleDelayMs: number;
	exportTimeoutMs: number;
}

const DETECTORS = ['service', 'host', 'process'];
const PROPAGATORS = ['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'xray'];

/**
 * Reads the environment over the defaults of the build.
 *
 * @param defaults the options of `telemetry`
 * @param processEnv the process environment
 * @param warn tells one line about a value that is not used as it stands
 */
export function readSettings(
	defaults: Defaults,
	processEnv: NodeJS.ProcessEnv,
	warn: (message: string) => void
): Settings {
	const env = new Environment(processEnv, warn);
	const exporters = names(env, VARIABLES.tracesExporter, ['otlp', 'console'], ['otlp']);

	for (const variable of [VARIABLES.metricsExporter, VARIABLES.logsExporter]) {
		const wanted = env.read(variable)?.filter((name) => name.toLowerCase() !== 'none') ?? [];
		if (wanted.length > 0) {
			env.warn(
				variable.name,
				`${variable.name} is ${quote(wanted.join(','))}, which is not served yet: only traces are exported. Expected none`
			);
		}
	}

	const enabled = env.read(VARIABLES.enabledInstrumentations);
	const configFile = env.read(VARIABLES.configFile);
	const serviceName = env.read(VARIABLES.serviceName);
	const propagateTo = env.read(VARIABLES.propagateTo)?.map(toPattern) ?? defaults.propagateTo;

	return {
		sampler: readSampler(env),
		propagators: names(env, VARIABLES.propagators, PROPAGATORS, ['tracecontext', 'baggage']),
		exporters: exporters as Settings['exporters'],
		// nothing to say about a collector that nothing is sent to
		otlp: readOtlpSettings(exporters.includes('otlp') ? env : new Environment({}, () => {})),
		batch: readBatch(env),
		spanLimits: readSpanLimits(env),
		resource: {
			...(serviceName !== undefined && { serviceName }),
			attributes: env.read(VARIABLES.resourceAttributes) ?? {},
			detectors: readDetectors(env)
		},
		...(configFile !== undefined && { configFile }),
		publicEndpoint: env.read(VARIABLES.publicEndpoint) ?? defaults.publicEndpoint ?? false,
		ignore: env.read(VARIABLES.ignore)?.map(toPattern) ?? defaults.ignore ?? [],
		...(propagateTo && { propagateTo: propagateTo.filter((pattern) => pattern !== 'none') }),
		queryParameters: readQueryParameters(env) ?? defaults.queryParameters ?? [],
		serverTiming: env.read(VARIABLES.serverTiming) ?? defaults.serverTiming ?? false,
		shutdownTimeoutMs: env.read(VARIABLES.shutdownTimeout) ?? defaults.shutdownTimeoutMs ?? 5000,
		instrumentations: {
			...(enabled && { enabled }),
			disabled: env.read(VARIABLES.disabledInstrumentations) ?? []
		}
	};
}

/**
 * `OTEL_TRACES_SAMPLER_ARG` alone is the ratio of the default sampler here; upstream ignores it without
 * `OTEL_TRACES_SAMPLER`, which has surprised everybody who set it.
 */
function readSampler(env: Environment): Settings['sampler'] {
	const name = env.read(VARIABLES.sampler) ?? 'parentbased_traceidratio';
	if (name.endsWith('traceidratio')) return { name, ratio: env.read(VARIABLES.samplerArg) ?? 1 };

	if (env.has(VARIABLES.samplerArg)) {
		env.warn(
			VARIABLES.samplerArg.name,
			`${VARIABLES.samplerArg.name} is set, but ${name} takes no argument: it is ignored. Expected OTEL_TRACES_SAMPLER=parentbased_traceidratio`
		);
	}
	return { name, ratio: 1 };
}

function readBatch(env: Environment): BatchSettings {
	const maxQueueSize = env.read(VARIABLES.maxQueueSize) ?? 2048;
	let maxExportBatchSize = env.read(VARIABLES.maxExportBatchSize) ?? Math.min(512, maxQueueSize);
	if (maxExportBatchSize > maxQueueSize) {
		env.reject(
			VARIABLES.maxExportBatchSize,
			`is "${maxExportBatchSize}", more than OTEL_BSP_MAX_QUEUE_SIZE`,
			`${maxQueueSize} is used`
		);
		maxExportBatchSize = maxQueueSize;
	}
	return {
		maxQueueSize,
		maxExportBatchSize,
		scheduleDelayMs: env.read(VARIABLES.scheduleDelay) ?? 5000,
		exportTimeoutMs: env.read(VARIABLES.exportTimeout) ?? 30_000
	};
}

/** Mirrors `createSpanLimitsFromEnv` of `@opentelemetry/sdk-node`: the limit for spans before the general one. */
function readSpanLimits(env: Environment): SpanLimits {
	const length =
		env.read(VARIABLES.spanAttributeValueLengthLimit) ?? env.read(VARIABLES.attributeValueLengthLimit);
	const general = env.read(VARIABLES.attributeCountLimit);
	return {
		attributeCountLimit: env.read(VARIABLES.spanAttributeCountLimit) ?? general ?? 128,
		...(length !== undefined && { attributeValueLengthLimit: length }),
		eventCountLimit: env.read(VARIABLES.spanEventCountLimit) ?? 128,
		linkCountLimit: env.read(VARIABLES.spanLinkCountLimit) ?? 128,
		attributePerEventCountLimit: env.read(VARIABLES.eventAttributeCountLimit) ?? general ?? 128,
		attributePerLinkCountLimit: env.read(VARIABLES.linkAttributeCountLimit) ?? general ?? 128
	};
}

function readDetectors(env: Environment): string[] {
	const wanted = names(env, VARIABLES.resourceDetectors, [...DETECTORS, 'all'], DETECTORS);
	return wanted.includes('all') ? DETECTORS : wanted;
}

function readQueryParameters(env: Environment): string[] | true | undefined {
	const wanted = env.read(VARIABLES.queryParameters);
	return wanted?.includes('*') ? true : wanted;
}

/** The known names of a list; `none` empties it, an unknown one is told and left out. */
function names(
	env: Environment,
	variable: (typeof VARIABLES)['tracesExporter'],
	known: readonly string[],
	fallback: string[]
): string[] {
	const wanted = env.read(variable)?.map((name) => name.toLowerCase());
	if (!wanted) return fallback;
	if (wanted.includes('none')) return [];

	const unknown = wanted.filter((name) => !known.includes(name));
	const found = [...new Set(wanted)].filter((name) => known.includes(name));
	const used = found.length > 0 ? found : fallback;
	if (unknown.length > 0) {
		env.warn(
			variable.name,
			`${variable.name} is ${quote(wanted.join(','))}, of which ${quote(unknown.join(','))} is unknown: ${used.join(',')} is used. Expected ${known.join(', ')} or none`
		);
	}
	return used;
}

/** `/…/` in a variable is a regular expression; an invalid one is left a string. */
function toPattern(text: string): Pattern {
	const [, source, flags] = /^\/(.+)\/([a-z]*)$/.exec(text) ?? [];
	if (source === undefined || flags === undefined) return text;
	try {
		const { source: valid } = new RegExp(source, flags);
		return { source: valid, flags };
	} catch {
		return text;
	}
}
