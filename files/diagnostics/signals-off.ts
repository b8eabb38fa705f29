import { SIGNALS, type SignalName } from '../config/signals.ts';
import type { SdkSettings } from '../config/settings.ts';
import { VARIABLES } from '../config/variables.ts';
import type { DevStart } from '../types/dev.d.ts';
import type { ServerInstrumentation } from '../types/server-instrumentation.d.ts';
import { isBelowTelemetry } from '../threads/threads.ts';
import { INSTRUMENTATION_FILE } from './instrumentation-file.ts';
import { log } from './log.ts';

/** The fields of the app's configuration that only one signal uses. */
const FIELDS: Record<SignalName, readonly (keyof ServerInstrumentation)[]> = {
	traces: ['spanProcessors', 'sampler', 'requestHook', 'responseHook'],
	metrics: ['metricReaders', 'views'],
	logs: []
};

/** The keys in a configuration file. */
const PROVIDERS: Record<SignalName, string> = {
	traces: 'tracer_provider',
	metrics: 'meter_provider',
	logs: 'logger_provider'
};

/**
 * Logs what is configured for a signal that is off: parts of the app's configuration, or the signal's endpoint. Nothing is said about a signal whose exporter is set, to `none` for example: that is a decision.
 * Other variables count for nothing, because platforms set the interval of metrics for every app.
 *
 * @param settings the signals that are on
 * @param app the default export of the app's file
 * @param env the environment
 * @param dev the dev or preview server: for its page alone, no signal is configured
 */
export function logSignalsOff(
	settings: SdkSettings,
	app: ServerInstrumentation,
	env: NodeJS.ProcessEnv,
	dev?: Pick<DevStart, 'isForPageAlone'>
): void {
	if (dev?.isForPageAlone) return;
	const hasFile = Boolean(env[VARIABLES.configFile.name]?.trim());
	for (const signal of SIGNALS.filter((each) => !settings[each])) {
		const exporter = `OTEL_${signal.toUpperCase()}_EXPORTER`;
		// a blank one is logged
		if (!hasFile && env[exporter] !== undefined) continue;

		const endpoint = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`;
		const fields = FIELDS[signal].filter((name) => app[name] !== undefined).map((name) => `\`${name}\``);
		const unused = [
			// with a file, it is logged as ignored
			...(!hasFile && env[endpoint]?.trim() ? [endpoint] : []),
			...(fields.length > 0 ? [`${fields.join(', ')} of ${INSTRUMENTATION_FILE}`] : [])
		];
		if (unused.length === 0) continue;
		const why = hasFile
			? `the file of ${VARIABLES.configFile.name} has no ${PROVIDERS[signal]} that can be used`
			: `${exporter} is not set`;
		const remedy = hasFile
			? `Add ${PROVIDERS[signal]} to the file`
			: `Set it to otlp to export ${signal}, or to none to keep them off without this line`;
		log(
			// worker threads have the same configuration
			isBelowTelemetry ? 'debug' : 'info',
			`${signal} are off, because ${why}: there is no use for ${unused.join(' and ')}. ${remedy}`
		);
	}
}
