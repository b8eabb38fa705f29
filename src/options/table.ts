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
 * Every option of `telemetry`, and its kind. The run-time half has the variable of each
 * (`files/config/options.ts`). Both are complete by their types: an option that only one knows does not compile.
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
	logSeverity: SEVERITY,
	logBodyLimit: COUNT,
	shutdownTimeoutMs: MILLISECONDS,
	instrumentations: PACKAGE_OPTIONS
};
