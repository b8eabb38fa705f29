import type {
	AttributeLimitsConfigModel,
	LoggerProviderConfigModel,
	SeverityNumberConfigModel
} from '@opentelemetry/configuration';
import type { LoggerSettings, LogsSettings } from '../logs.ts';
import { SEVERITIES, type SeverityName } from '../severity.ts';
import type { Problems } from './problems.ts';
import { toProcessors } from './processors.ts';

type Configurator = NonNullable<LoggerProviderConfigModel['logger_configurator/development']>;

/**
 * The logger provider of a configuration file. Mirrors `createLoggerProviderFromConfig` of
 * `@opentelemetry/sdk-node`, and also supports the logger configurator.
 */
export function toLogsSettings(
	provider: LoggerProviderConfigModel,
	general: AttributeLimitsConfigModel | null | undefined,
	problems: Problems
): LogsSettings {
	const configurator = provider['logger_configurator/development'] ?? {};
	problems.addUnsupported('logger_provider', provider, [
		'processors',
		'limits',
		'logger_configurator/development'
	]);
	return {
		processors: toProcessors('logs', provider.processors, 'logger_provider.processors', problems),
		limits: toLimits(provider.limits, general, problems),
		loggers: [
			...(configurator.loggers ?? []).map(({ name, config }) => toLogger(name, config)),
			toLogger('*', configurator.default_config ?? {})
		]
	};
}

/** The limits for log records have precedence over the general ones; without both, the SDK's default is used. */
function toLimits(
	limits: LoggerProviderConfigModel['limits'],
	general: AttributeLimitsConfigModel | null | undefined,
	problems: Problems
): LogsSettings['limits'] {
	const length = limits?.attribute_value_length_limit ?? general?.attribute_value_length_limit;
	const count = limits?.attribute_count_limit ?? general?.attribute_count_limit;
	if (length === 0)
		problems.add('logger_provider.limits.attribute_value_length_limit', 'is 0 (no limit is used)');
	return {
		...(length && { attributeValueLengthLimit: length }),
		...(typeof count === 'number' && { attributeCountLimit: count })
	};
}

const toLogger = (
	pattern: string,
	{
		enabled,
		minimum_severity: severity,
		trace_based: isTraceBased
	}: NonNullable<Configurator['default_config']>
): LoggerSettings => ({
	pattern,
	isEnabled: enabled ?? true,
	minimumSeverity: severity ? toNumber(severity) : undefined,
	isTraceBased: isTraceBased ?? false
});

/** Each name has four severity numbers, in ascending order: `warn`, `warn2`, `warn3`, `warn4`. */
function toNumber(severity: NonNullable<SeverityNumberConfigModel>): number {
	const [, name, step = 1] = /^([a-z]+)(\d?)$/.exec(severity)!;
	return SEVERITIES[name as SeverityName] + Number(step || 1) - 1;
}
