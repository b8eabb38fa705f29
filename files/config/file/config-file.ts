import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import { setDiagnostics } from '../../diagnostics/sdk-diagnostics.ts';
import { setLogLevel } from '../../diagnostics/log.ts';
import type { Defaults } from '../../types/build-manifest.d.ts';
import type { SdkSettings } from '../settings.ts';
import { type Environment, quote } from '../variable.ts';
import { listVariables } from '../list-variables.ts';
import { VARIABLES } from '../variables.ts';
import { readConfigFile } from './read.ts';

/** The variables that the configuration file replaces: all of the SDK specification, except `OTEL_SDK_DISABLED`. */
const SDK_VARIABLES = listVariables().filter(
	({ name }) =>
		!/^OTEL_(SVELTEKIT_|SDK_DISABLED|LOG_LEVEL|CONFIG_FILE|NODE_\w+_INSTR|INSTRUMENTATION_)/.test(name)
);

const SUPPORTED = 'a file that references the variables it needs, and has only supported settings';

/**
 * Uses the file of `OTEL_CONFIG_FILE` instead of the environment. Logs in one line what is not supported, or why
 * the file cannot be used.
 *
 * @param env contains the path of the file
 * @param defaults the options of the build; the file has precedence over them
 * @returns `off` if the file disables telemetry, undefined if the file cannot be used
 */
export async function applyConfigFile(
	env: Environment,
	defaults: Defaults
): Promise<SdkSettings | 'off' | undefined> {
	const { name, expected } = VARIABLES.configFile;
	const path = env.read(VARIABLES.configFile)!;
	const serviceName = env.read(VARIABLES.serviceName);
	try {
		const { sdk, logLevel, problems, text } = await readConfigFile(path, serviceName);
		if (logLevel) {
			setLogLevel(logLevel);
			setDiagnostics();
		}
		if (!sdk) {
			env.log(name, `off: ${quote(path)} of ${name} says disabled: true`);
			return 'off';
		}

		if (!sdk.traces && !sdk.metrics && !sdk.logs) {
			const why =
				problems.length > 0 ? ` that can be used: ${problems.join(', ')}. Expected ${SUPPORTED}` : '';
			env.log(name, `off: ${quote(path)} of ${name} has no provider${why}`);
			return 'off';
		}

		const { attributes, detectors } = sdk.resource;
		// a variable is used if the file references it, and the resource detector reads its own variables
		const isNamed = (each: string): boolean =>
			text.includes(each) || (each === VARIABLES.serviceName.name && detectors.includes('service'));
		const ignored = SDK_VARIABLES.filter((each) => env.has(each) && !isNamed(each.name));
		const problemsInFile = [...problems, ...ignored.map((each) => `${each.name} is ignored`)];
		if (problemsInFile.length > 0) {
			env.reject({ name, expected: SUPPORTED }, `is ${quote(path)}`, problemsInFile.join(', '));
		}
		const ofBuild = {
			...(defaults.serviceName && { [ATTR_SERVICE_NAME]: defaults.serviceName }),
			...defaults.resourceAttributes
		};
		return { ...sdk, resource: { attributes: { ...ofBuild, ...attributes }, detectors }, isOfFile: true };
	} catch (error) {
		const problem = `is ${quote(path)}, ${(error as Error).message}`;
		env.reject({ name, expected }, problem, 'the other variables are used');
		return undefined;
	}
}
