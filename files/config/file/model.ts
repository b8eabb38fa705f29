import type { Attributes } from '@opentelemetry/api';
import {
	type AttributeLimitsConfigModel,
	type ConfigurationModel,
	type LoggerProviderConfigModel,
	type MeterProviderConfigModel,
	type PropagatorConfigModel,
	type ResourceConfigModel,
	mergePropagatorCompositeConfig,
	mergeResourceAttributesConfig
} from '@opentelemetry/configuration';
import type { SpanLimits } from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { LogLevel } from '../../diagnostics/log.ts';
import type { ResourceSettings, SdkSettings } from '../settings.ts';
import { DETECTORS, PROPAGATORS } from '../variables.ts';
import { type Problems, onlyEntry } from './problems.ts';
import { toProcessors } from './processors.ts';
import { toSampler } from './sampler.ts';

/**
 * Converts the model of a configuration file into the settings of the SDK. Mirrors `createFromConfig` of
 * `@opentelemetry/sdk-node`.
 *
 * @param model valid against the schema
 * @param serviceName of the environment, for the resource detector `service`
 * @param problems records settings that are not supported
 */
export async function toSettings(
	model: ConfigurationModel,
	serviceName: string | undefined,
	problems: Problems
): Promise<SdkSettings> {
	problems.addUnsupported('', model, [
		'disabled',
		'log_level',
		'attribute_limits',
		'propagator',
		'resource',
		'tracer_provider',
		'meter_provider',
		'logger_provider'
	]);
	const { tracer_provider: provider, meter_provider: meterProvider, logger_provider: loggerProvider } = model;
	problems.addUnsupported('tracer_provider', provider, ['processors', 'limits', 'sampler', 'id_generator']);
	return {
		propagators: toPropagators(model.propagator, problems),
		traces: provider && {
			sampler: toSampler(provider.sampler, 'tracer_provider.sampler', problems),
			processors: toProcessors('traces', provider.processors, 'tracer_provider.processors', problems),
			spanLimits: toSpanLimits(model, problems)
		},
		metrics: meterProvider && (await toMetrics(meterProvider, problems)),
		logs: loggerProvider && (await toLogs(loggerProvider, model.attribute_limits, problems)),
		resource: toResource(model.resource, serviceName, problems)
	};
}

/** Loads what only a file with metrics needs: views have a large part of the metrics SDK. */
async function toMetrics(
	node: MeterProviderConfigModel,
	problems: Problems
): Promise<SdkSettings['metrics']> {
	const { toMetricsSettings } = await import('./meter-provider.ts');
	return toMetricsSettings(node, problems);
}

/** Loads what only a file with logs needs. */
async function toLogs(
	node: LoggerProviderConfigModel,
	general: AttributeLimitsConfigModel | null | undefined,
	problems: Problems
): Promise<SdkSettings['logs']> {
	const { toLogsSettings } = await import('./logger-provider.ts');
	return toLogsSettings(node, general, problems);
}

function toPropagators(
	node: PropagatorConfigModel | null | undefined,
	problems: Problems
): SdkSettings['propagators'] {
	const names = (mergePropagatorCompositeConfig(node?.composite, node?.composite_list) ?? []).map(
		(entry) => onlyEntry(entry)[0]
	);
	if (names.includes('none')) return [];
	const known = PROPAGATORS.filter((name) => names.includes(name));
	for (const name of names)
		if (!known.some((each) => each === name))
			problems.add(`propagator.composite.${name}`, 'is not supported');
	return known.sort((a, b) => names.indexOf(a) - names.indexOf(b));
}

/** The limits for spans have precedence over the general ones; without both, the SDK's default is used. */
function toSpanLimits(
	{ attribute_limits: general, tracer_provider: provider }: ConfigurationModel,
	problems: Problems
): SpanLimits {
	const limits = provider?.limits;
	const length = limits?.attribute_value_length_limit ?? general?.attribute_value_length_limit;
	if (length === 0) problems.add('attribute_value_length_limit', 'is 0 (no limit is used)');
	const entries = Object.entries({
		attributeValueLengthLimit: length || undefined,
		attributeCountLimit: limits?.attribute_count_limit ?? general?.attribute_count_limit,
		eventCountLimit: limits?.event_count_limit,
		linkCountLimit: limits?.link_count_limit,
		attributePerEventCountLimit: limits?.event_attribute_count_limit,
		attributePerLinkCountLimit: limits?.link_attribute_count_limit
	});
	return Object.fromEntries(entries.filter(([, limit]) => typeof limit === 'number'));
}

function toResource(
	node: ResourceConfigModel | null | undefined,
	serviceName: string | undefined,
	problems: Problems
): ResourceSettings {
	const detection = node?.['detection/development'];
	problems.addUnsupported('resource', node, ['attributes', 'attributes_list', 'detection/development']);
	problems.addUnsupported('resource.detection/development', detection, ['detectors']);

	const names = (detection?.detectors ?? []).map((entry) => onlyEntry(entry)[0]);
	const detectors = DETECTORS.filter((name) => names.includes(name));
	for (const name of names)
		if (!detectors.some((each) => each === name))
			problems.add(`resource.detection/development.detectors.${name}`, 'is not supported');

	const attributes: Attributes = {};
	if (detectors.includes('service') && serviceName) attributes[ATTR_SERVICE_NAME] = serviceName;
	for (const { name, value } of mergeResourceAttributesConfig(node?.attributes, node?.attributes_list) ?? [])
		if (value !== null) attributes[name] = value;
	return { attributes, detectors };
}

/** The log level of the file. Mirrors `diagLogLevelFromSeverityNumberConfig` of `@opentelemetry/sdk-node`. */
export function toLogLevel(severity: ConfigurationModel['log_level']): LogLevel | undefined {
	if (!severity) return undefined;
	if (severity === 'trace') return 'all';
	const name = severity.replace(/\d$/, '');
	return name === 'trace' ? 'verbose' : name === 'fatal' ? 'none' : (name as LogLevel);
}
