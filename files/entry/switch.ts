/** Whether telemetry runs in this process, and why. */
export interface Decision {
	/** Whether telemetry starts. */
	on: boolean;
	/** Whether the app's own `instrumentation.server` file runs: always, but for `OTEL_SDK_DISABLED=true`. */
	instrument: boolean;
	/** What to tell the operator about it, if anything. */
	message?: string;
}

/** The oldest Node that telemetry runs on: the one of `engines`. */
export const OLDEST_NODE = [22, 17] as const;

/** How much is said, and whether: no wish for telemetry. */
const NOT_A_WISH = new Set(['OTEL_SDK_DISABLED', 'OTEL_LOG_LEVEL']);

/** An exporter's variable that says `none`, a list like any other, which may end in a comma, is none either. */
const NO_EXPORTER = /^OTEL_(TRACES|METRICS|LOGS)_EXPORTER=[\s,]*none[\s,]*$/i;

/**
 * What Kubernetes tells every pod about a service that is called `otel` or `otel-collector`
 * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables). The address in
 * the last of them makes the difference to a variable that somebody has set.
 */
const OF_A_SERVICE =
	/^\w+(_SERVICE_(HOST|PORT\w*)=|_PORT_\d+_(TCP|UDP|SCTP)(_PROTO|_PORT|_ADDR)?=|_PORT=(tcp|udp|sctp):\/\/)/;

/**
 * Decides whether telemetry runs in this process: by the environment, on a Node that can do it. Which of its
 * signals do is for the settings to say (`files/config/settings.ts`), of whatever is on.
 *
 * A blank variable counts as unset, as the specification asks
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
	const wished = Object.keys(env).filter(
		(name) =>
			name.startsWith('OTEL_') &&
			!NOT_A_WISH.has(name) &&
			env[name]?.trim() &&
			!NO_EXPORTER.test(`${name}=${env[name]}`) &&
			!OF_A_SERVICE.test(`${name}=${env[name]}`)
	);

	if (disabled === 'true') {
		const skipped = [
			...(wished.length > 0 ? [`${list(wished)} ignored`] : []),
			...(hasFile ? ['src/instrumentation.server does not run'] : [])
		];
		return {
			on: false,
			instrument: false,
			...(skipped.length > 0 && {
				message: `off: OTEL_SDK_DISABLED=true; ${skipped.join(', ')}. Unset OTEL_SDK_DISABLED ${wished.length > 0 ? 'to trace' : 'to run it'}`
			})
		};
	}

	const on = (wished.length > 0 || Boolean(disabled)) && !isEverySignalOff(env);
	return {
		on,
		instrument: true,
		...(disabled &&
			disabled !== 'false' && {
				message: `OTEL_SDK_DISABLED is ${JSON.stringify(env.OTEL_SDK_DISABLED).slice(0, 80)}, which counts as false${on ? ': telemetry is on' : ''}. Expected true or false; set it to true to switch telemetry off`
			})
	};
}

/** Traces are on without a word, the other two by their exporter; a configuration file has its own way. */
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
