import type { Defaults } from '../../files/types/build-manifest.d.ts';
import type { TelemetryOptions } from '../telemetry-options.d.ts';
import {
	ATTRIBUTES,
	BOOLEAN,
	COUNT,
	MILLISECONDS,
	NAMES_OR_ALL,
	type OptionKind,
	PACKAGE_OPTIONS,
	PATTERNS,
	RATIOS,
	SEVERITY,
	STRING
} from './kinds.ts';

/**
 * Every option of `telemetry` with its kind. The run-time code has the variable of each
 * (`files/config/options.ts`). The types require both to be complete: an option that only one of them has
 * does not compile.
 */
export const OPTIONS: {
	[Name in keyof TelemetryOptions]-?: OptionKind<
		Exclude<TelemetryOptions[Name], undefined>,
		Exclude<Defaults[Name], undefined>
	>;
} = {
	serviceName: STRING,
	resourceAttributes: ATTRIBUTES,
	publicEndpoint: BOOLEAN,
	ignore: PATTERNS,
	propagateTo: PATTERNS,
	queryParameters: NAMES_OR_ALL,
	serverTiming: BOOLEAN,
	keepErrors: BOOLEAN,
	keepSlowerThanMs: MILLISECONDS,
	sample: RATIOS,
	measureFiles: BOOLEAN,
	logSeverity: SEVERITY,
	logBodyLimit: COUNT,
	shutdownTimeoutMs: MILLISECONDS,
	instrumentations: PACKAGE_OPTIONS
};
