import type { Defaults } from '../types/build-manifest.d.ts';
import type { Environment, Variable } from './variable.ts';
import { VARIABLES } from './variables.ts';

/** The options that several variables share, and the names of the functions that read them. */
type ReadElsewhere = 'serviceName' | 'resourceAttributes' | 'instrumentations';

/**
 * The variable of each option. The build half has the kind of each (`src/options/table.ts`). Both are
 * complete by their types: an option that only one knows does not compile.
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
	logSeverity: VARIABLES.logSeverity,
	logBodyLimit: VARIABLES.logBodyLimit,
	shutdownTimeoutMs: VARIABLES.shutdownTimeout
} satisfies {
	[Name in Exclude<keyof Defaults, ReadElsewhere>]-?: Variable<Exclude<Defaults[Name], undefined>>;
};

type OptionName = keyof typeof OPTION_VARIABLES;

/** What is in force of the options: by the environment, else by the build, else by default. */
export type OptionSettings = {
	readonly [Name in OptionName]: (typeof OPTION_VARIABLES)[Name] extends Variable<infer T, infer F>
		? T | F
		: never;
};

/**
 * Reads the variables of the options.
 *
 * @param env the environment
 * @param defaults the options that the app was built with
 */
export function readOptions(env: Environment, defaults: Defaults): OptionSettings {
	return Object.fromEntries(
		Object.entries(OPTION_VARIABLES).map(([name, variable]) => [
			name,
			env.read(variable as Variable<unknown>, defaults[name as OptionName])
		])
	) as OptionSettings;
}
