import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import { setDiagnostics } from '../../diagnostics/sdk-diagnostics.ts';
import { setLogLevel } from '../../diagnostics/log.ts';
import type { Defaults } from '../../types/build-manifest.d.ts';
import type { SdkSettings } from '../settings.ts';
import { type Environment, quote } from '../variable.ts';
import { listVariables } from '../list-variables.ts';
import { VARIABLES } from '../variables.ts';
import { readConfigFile } from './read.ts';

/** The variables that the file stands in for: all that the SDK specification has, but the switch. */
const SDK_VARIABLES = listVariables().filter(
	({ name }) =>
		!/^OTEL_(SVELTEKIT_|SDK_DISABLED|LOG_LEVEL|CONFIG_FILE|NODE_\w+_INSTR|INSTRUMENTATION_)/.test(name)
);

/**
 * Puts the file of `OTEL_CONFIG_FILE` in the place of the environment, and tells in one line what of it is
 * not served, or why it cannot be used at all.
 *
 * @param env names the file
 * @param defaults of the build, which the file goes before
 * @returns `off` where the file says so, undefined where it cannot be used
 */
export function applyConfigFile(env: Environment, defaults: Defaults): SdkSettings | 'off' | undefined {
	const { name, expected } = VARIABLES.configFile;
	const path = env.read(VARIABLES.configFile)!;
	const serviceName = env.read(VARIABLES.serviceName);
	try {
		const { sdk, logLevel, problems, text } = readConfigFile(path, serviceName);
		if (logLevel) {
			setLogLevel(logLevel);
			setDiagnostics();
		}
		if (!sdk) {
			env.tell(name, `off: ${quote(path)} of ${name} says disabled: true`);
			return 'off';
		}

		if (!sdk.traces && !sdk.metrics && !sdk.logs) {
			env.tell(name, `off: ${quote(path)} of ${name} has no provider`);
			return 'off';
		}

		const { attributes, detectors } = sdk.resource;
		// a variable has a say where the file names it, and the detector reads its own
		const isNamed = (each: string): boolean =>
			text.includes(each) || (each === VARIABLES.serviceName.name && detectors.includes('service'));
		const ignored = SDK_VARIABLES.filter((each) => env.has(each) && !isNamed(each.name));
		const told = [...problems, ...ignored.map((each) => `${each.name} is ignored beside it`)];
		if (told.length > 0) {
			env.reject(
				{ name, expected: 'a file that names the variables it needs, and only what is served' },
				`is ${quote(path)}`,
				told.join(', ')
			);
		}
		const ofBuild = {
			...(defaults.serviceName && { [ATTR_SERVICE_NAME]: defaults.serviceName }),
			...defaults.resourceAttributes
		};
		return { ...sdk, resource: { attributes: { ...ofBuild, ...attributes }, detectors } };
	} catch (error) {
		const problem = `is ${quote(path)}, ${(error as Error).message}`;
		env.reject({ name, expected }, problem, 'the other variables are used');
		return undefined;
	}
}
