import { INSTRUMENTATION_FILE } from '../diagnostics/instrumentation-file.ts';

/** Whether telemetry starts in this process, and why. */
export interface Decision {
	/** Whether telemetry starts. */
	on: boolean;
	/** Whether the app's `instrumentation.server` file runs: always, except with `OTEL_SDK_DISABLED=true`. */
	instrument: boolean;
	/** The message to log, if any. */
	message?: string;
}

/** The oldest supported version of Node, the same as in `engines`. */
export const OLDEST_NODE = [22, 17] as const;

/** Variables that do not turn telemetry on: they only disable it or set the log level. */
const IGNORED = new Set(['OTEL_SDK_DISABLED', 'OTEL_LOG_LEVEL']);

/** An exporter variable with the value `none` does not turn telemetry on. The value is a list and may have commas. */
export const NO_EXPORTER = /^OTEL_(TRACES|METRICS|LOGS)_EXPORTER=[\s,]*none[\s,]*$/i;

/**
 * The variables that Kubernetes sets in every pod for a service named `otel` or `otel-collector`
 * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables). The address in the
 * last one distinguishes it from a variable that a user has set.
 */
const OF_A_SERVICE =
	/^\w+(_SERVICE_(HOST|PORT\w*)=|_PORT_\d+_(TCP|UDP|SCTP)(_PROTO|_PORT|_ADDR)?=|_PORT=(tcp|udp|sctp):\/\/)/;

/**
 * Decides whether telemetry starts in this process, from the environment and the version of Node. If it does, the
 * settings (`files/config/settings.ts`) decide which signals are on.
 *
 * A blank variable counts as unset, as the specification requires
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 *
 * @param env the process environment
 * @param hasFile whether the app has an `instrumentation.server` file
 * @param node the version of Node
 */
export function decide(
	env: NodeJS.ProcessEnv,
	hasFile = false,
	node: string = process.versions.node
): Decision {
	const decision = decideByEnvironment(env, hasFile);
	if (!decision.on || !isOlder(node)) return decision;
	return {
		on: false,
		instrument: true,
		message: `off: Node ${node} cannot be traced, the server runs without telemetry. Use Node ${OLDEST_NODE.join('.')} or later`
	};
}

function isOlder(node: string): boolean {
	const [major = 0, minor = 0] = node.split('.').map(Number);
	const [oldestMajor, oldestMinor] = OLDEST_NODE;
	return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

function decideByEnvironment(env: NodeJS.ProcessEnv, hasFile: boolean): Decision {
	const disabled = env.OTEL_SDK_DISABLED?.trim().toLowerCase();
	const counted = Object.keys(env).filter(
		(name) =>
			name.startsWith('OTEL_') &&
			!IGNORED.has(name) &&
			env[name]?.trim() &&
			!NO_EXPORTER.test(`${name}=${env[name]}`) &&
			!OF_A_SERVICE.test(`${name}=${env[name]}`)
	);

	if (disabled === 'true') {
		const skipped = [
			...(counted.length > 0 ? [`${list(counted)} ignored`] : []),
			...(hasFile ? [`${INSTRUMENTATION_FILE} does not run`] : [])
		];
		return {
			on: false,
			instrument: false,
			...(skipped.length > 0 && {
				message: `off: OTEL_SDK_DISABLED=true; ${skipped.join(', ')}. Unset OTEL_SDK_DISABLED ${counted.length > 0 ? 'to turn telemetry on' : 'to run it'}`
			})
		};
	}

	const on = (counted.length > 0 || Boolean(disabled)) && !isEverySignalOff(env);
	return {
		on,
		instrument: true,
		...(disabled &&
			disabled !== 'false' && {
				message: `OTEL_SDK_DISABLED is ${JSON.stringify(env.OTEL_SDK_DISABLED).slice(0, 80)}, which counts as false${on ? ': telemetry is on' : ''}. Expected true or false; set it to true to switch telemetry off`
			})
	};
}

/** Traces are on by default, metrics and logs by their exporters; a configuration file has its own switch. */
function isEverySignalOff(env: NodeJS.ProcessEnv): boolean {
	const isOff = (signal: string, isBlankOff: boolean): boolean => {
		const name = `OTEL_${signal}_EXPORTER`;
		return env[name]?.trim() ? NO_EXPORTER.test(`${name}=${env[name]}`) : isBlankOff;
	};
	return (
		!env.OTEL_CONFIG_FILE?.trim() && isOff('TRACES', false) && isOff('METRICS', true) && isOff('LOGS', true)
	);
}

function list(names: string[]): string {
	const shown = names.sort().slice(0, 3).join(', ');
	const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
	return `${shown}${more} ${names.length === 1 ? 'is' : 'are'}`;
}
