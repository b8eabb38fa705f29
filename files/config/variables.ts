import type { Pattern } from '../types/build-manifest.d.ts';
import { LOG_LEVELS, type LogLevel } from '../diagnostics/log.ts';
import { count, define, flag, list, milliseconds, names, text } from './kinds.ts';
import { parseAttributes, parseInteger, parseList, parseName, parseNames, parseRatio } from './parse.ts';
import { parsePatterns } from './pattern.ts';
import { parseSample } from './sample.ts';
import { SEVERITY_NAMES, type SeverityName } from './severity.ts';
import { ValidationError } from './variable.ts';
import { OTLP_VARIABLES } from './variables-otlp.ts';

/** The sampler names of the specification. */
export const SAMPLERS = [
	'always_on',
	'always_off',
	'traceidratio',
	'parentbased_always_on',
	'parentbased_always_off',
	'parentbased_traceidratio'
] as const;

/** The name of a sampler. */
export type SamplerName = (typeof SAMPLERS)[number];

/** The names of the bundled propagators. */
export const PROPAGATORS = ['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'xray'] as const;

/** The names of the resource detectors, as in `@opentelemetry/sdk-node`. */
export const DETECTORS = ['service', 'host', 'os', 'process'] as const;

type DetectorName = (typeof DETECTORS)[number];

/** Different names in `@opentelemetry/auto-instrumentations-node`. `env` is always used. */
const DETECTOR_ALIASES: Record<string, readonly DetectorName[]> = {
	all: DETECTORS,
	env: [],
	serviceinstance: ['service']
};

const DETECTOR_NAMES = [...DETECTORS, ...Object.keys(DETECTOR_ALIASES)];

function parseDetectors(value: string): DetectorName[] | ValidationError<DetectorName[]> | undefined {
	const resolve = (found: readonly string[]): DetectorName[] => [
		...new Set(found.flatMap((name) => DETECTOR_ALIASES[name] ?? (name as DetectorName)))
	];
	const parsed = parseNames(DETECTOR_NAMES)(value);
	if (!(parsed instanceof ValidationError)) return parsed && resolve(parsed);
	return new ValidationError(parsed.problem, parsed.value && resolve(parsed.value), parsed.instead);
}

/**
 * Every environment variable that this package reads, except those of `variables-metrics.ts`. A test compares the
 * documentation with this table.
 */
export const VARIABLES = {
	sdkDisabled: flag('OTEL_SDK_DISABLED'),
	logLevel: define<LogLevel, LogLevel>({
		name: 'OTEL_LOG_LEVEL',
		expected: LOG_LEVELS.join(', '),
		fallback: 'info',
		parse: parseName(LOG_LEVELS)
	}),
	configFile: text(
		'OTEL_CONFIG_FILE',
		'the path of a readable declarative configuration file',
		'the environment'
	),

	serviceName: text('OTEL_SERVICE_NAME', 'a name', "the app's package name"),
	resourceAttributes: define<Record<string, string>, undefined>({
		name: 'OTEL_RESOURCE_ATTRIBUTES',
		expected: 'comma-separated key=value pairs, percent-encoded',
		fallback: undefined,
		fallbackText: 'none',
		parse: parseAttributes
	}),
	resourceDetectors: define<DetectorName[], DetectorName[]>({
		name: 'OTEL_NODE_RESOURCE_DETECTORS',
		expected: `comma-separated names: ${DETECTOR_NAMES.join(', ')}; or none`,
		fallback: ['service', 'host', 'process'],
		parse: parseDetectors
	}),
	propagators: names('OTEL_PROPAGATORS', PROPAGATORS, ['tracecontext', 'baggage']),
	tracesExporter: names('OTEL_TRACES_EXPORTER', ['otlp', 'console'], ['otlp']),
	metricsExporter: names('OTEL_METRICS_EXPORTER', ['otlp', 'prometheus', 'console'], []),
	logsExporter: names('OTEL_LOGS_EXPORTER', ['otlp', 'console'], []),
	sampler: define<SamplerName, SamplerName>({
		name: 'OTEL_TRACES_SAMPLER',
		expected: SAMPLERS.join(', '),
		fallback: 'parentbased_traceidratio',
		parse: parseName(SAMPLERS)
	}),
	samplerArg: define<number, number>({
		name: 'OTEL_TRACES_SAMPLER_ARG',
		expected: 'a decimal number from 0 to 1, such as 0.1',
		fallback: 1,
		parse: parseRatio
	}),

	maxQueueSize: count('OTEL_BSP_MAX_QUEUE_SIZE', 2048, 1),
	maxExportBatchSize: count('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, 1),
	scheduleDelay: milliseconds('OTEL_BSP_SCHEDULE_DELAY', 5000),
	exportTimeout: milliseconds('OTEL_BSP_EXPORT_TIMEOUT', 30_000, 1),

	logMaxQueueSize: count('OTEL_BLRP_MAX_QUEUE_SIZE', 2048, 1),
	logMaxExportBatchSize: count('OTEL_BLRP_MAX_EXPORT_BATCH_SIZE', 512, 1),
	logScheduleDelay: milliseconds('OTEL_BLRP_SCHEDULE_DELAY', 1000),
	logExportTimeout: milliseconds('OTEL_BLRP_EXPORT_TIMEOUT', 30_000, 1),

	attributeCountLimit: count('OTEL_ATTRIBUTE_COUNT_LIMIT', 128),
	// the SDK treats 0 as no limit
	attributeValueLengthLimit: count('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', undefined, 1),
	spanAttributeCountLimit: count('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 128),
	spanAttributeValueLengthLimit: count('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', undefined, 1),
	spanEventCountLimit: count('OTEL_SPAN_EVENT_COUNT_LIMIT', 128),
	spanLinkCountLimit: count('OTEL_SPAN_LINK_COUNT_LIMIT', 128),
	eventAttributeCountLimit: count('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', 128),
	linkAttributeCountLimit: count('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', 128),
	logAttributeCountLimit: count('OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', 128),
	logAttributeValueLengthLimit: count('OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT', undefined, 1),

	...OTLP_VARIABLES,

	publicEndpoint: flag('OTEL_SVELTEKIT_PUBLIC_ENDPOINT'),
	ignore: define<Pattern[], Pattern[]>({
		name: 'OTEL_SVELTEKIT_IGNORE',
		expected: 'paths, globs, route ids or /regular expressions/, comma-separated',
		fallback: [],
		parse: parsePatterns
	}),
	propagateTo: define<Pattern[], undefined>({
		name: 'OTEL_SVELTEKIT_PROPAGATE_TO',
		expected: 'hosts, globs or /regular expressions/, comma-separated, or none',
		fallback: undefined,
		fallbackText: 'every host',
		parse: parsePatterns
	}),
	queryParameters: define<string[] | true, string[]>({
		name: 'OTEL_SVELTEKIT_QUERY_PARAMETERS',
		expected: 'comma-separated names, or *',
		fallback: [],
		parse: (value) => {
			const wanted = parseList(value);
			return wanted?.includes('*') ? true : wanted;
		},
		write: (value) => (value === true ? '*' : undefined)
	}),
	serverTiming: flag('OTEL_SVELTEKIT_SERVER_TIMING'),
	keepErrors: flag('OTEL_SVELTEKIT_KEEP_ERRORS'),
	keepSlowerThan: define<number, undefined>({
		name: 'OTEL_SVELTEKIT_KEEP_SLOWER_THAN',
		expected: 'milliseconds, a whole number, 0 or more',
		fallback: undefined,
		fallbackText: 'no limit',
		parse: parseInteger(0)
	}),
	sample: define<Record<string, number>, Record<string, number>>({
		name: 'OTEL_SVELTEKIT_SAMPLE',
		expected: 'comma-separated PATTERN:RATIO pairs, such as /api/health/**:0,/checkout/**:1',
		fallback: {},
		parse: parseSample
	}),
	measureFiles: flag('OTEL_SVELTEKIT_MEASURE_FILES'),
	samplingFile: text(
		'OTEL_SVELTEKIT_SAMPLING_FILE',
		'the path of a readable file with lines VARIABLE=value',
		'the environment alone'
	),
	logSeverity: define<SeverityName, undefined>({
		name: 'OTEL_SVELTEKIT_LOG_SEVERITY',
		expected: SEVERITY_NAMES.join(', '),
		fallback: undefined,
		fallbackText: 'every severity',
		parse: parseName(SEVERITY_NAMES)
	}),
	logBodyLimit: count('OTEL_SVELTEKIT_LOG_BODY_LIMIT', 65_536, 1),
	shutdownTimeout: milliseconds('OTEL_SVELTEKIT_SHUTDOWN_TIMEOUT', 5000),
	knownMethods: list('OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS', 'those of the conventions'),
	enabledInstrumentations: list('OTEL_NODE_ENABLED_INSTRUMENTATIONS', 'all that are installed'),
	disabledInstrumentations: list('OTEL_NODE_DISABLED_INSTRUMENTATIONS', 'none')
};
