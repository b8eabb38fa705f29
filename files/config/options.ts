import type { Defaults } from '../types/build-manifest.d.ts';
import type { Environment, Variable } from './variable.ts';
import { VARIABLES } from './variables.ts';

/** Options that have several variables; other functions read them. */
type ReadElsewhere = 'serviceName' | 'resourceAttributes' | 'instrumentations';

/**
 * The variable of each option. The kind of each option is in the build half (`src/options/table.ts`). The types
 * check that both are complete: an option that is in only one of them does not compile.
 */
export const OPTION_VARIABLES = {
	publicEndpoint: VARIABLES.publicEndpoint,
	ignore: VARIABLES.ignore,
	propagateTo: VARIABLES.propagateTo,
	queryParameters: VARIABLES.queryParameters,
	serverTiming: VARIABLES.serverTiming,
	keepErrors: VARIABLES.keepErrors,
	keepSlowerThanMs: VARIABLES.keepSlowerThan,
	sample: VARIABLES.sample,
	measureFiles: VARIABLES.measureFiles,
	logSeverity: VARIABLES.logSeverity,
	logBodyLimit: VARIABLES.logBodyLimit,
	shutdownTimeoutMs: VARIABLES.shutdownTimeout
} satisfies {
	[Name in Exclude<keyof Defaults, ReadElsewhere>]-?: Variable<Exclude<Defaults[Name], undefined>>;
};

type OptionName = keyof typeof OPTION_VARIABLES;

/** The effective options: from the environment, else from the build, else the default. */
export type OptionSettings = {
	readonly [Name in OptionName]: (typeof OPTION_VARIABLES)[Name] extends Variable<infer T, infer F>
		? T | F
		: never;
};

/**
 * Reads the variables of the options.
 *
 * @param env the environment
 * @param defaults the options of the build
 */
export function readOptions(env: Environment, defaults: Defaults): OptionSettings {
	return Object.fromEntries(
		Object.entries(OPTION_VARIABLES).map(([name, variable]) => [
			name,
			env.read(variable as Variable<unknown>, defaults[name as OptionName])
		])
	) as OptionSettings;
}
