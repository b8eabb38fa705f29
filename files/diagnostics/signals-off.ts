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
 * Logs in one line what is configured for signals that are off: parts of the app's configuration, or an endpoint.
 * Nothing is said about a signal whose exporter is set, to `none` for example: that is a decision. Other variables
 * count for nothing, because platforms set the interval of metrics for every app.
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
	const { isOfFile } = settings;
	const off = SIGNALS.filter((signal) => !settings[signal])
		// a blank exporter is logged
		.filter((signal) => isOfFile || env[variablesOf(signal).exporter] === undefined)
		.map((signal) => {
			const { exporter, endpoint } = variablesOf(signal);
			return {
				signal,
				cause: isOfFile ? PROVIDERS[signal] : exporter,
				// with a file, it is logged as ignored
				endpoints: !isOfFile && env[endpoint]?.trim() ? [endpoint] : [],
				fields: FIELDS[signal].filter((name) => isUsed(app[name])).map((name) => `\`${name}\``)
			};
		})
		.filter(({ endpoints, fields }) => endpoints.length > 0 || fields.length > 0);
	if (off.length === 0) return;

	const signals = off.map(({ signal }) => signal).join(' and ');
	const causes = off.map(({ cause }) => cause);
	const fields = off.flatMap((each) => each.fields);
	const unused = [
		...off.flatMap(({ endpoints }) => endpoints),
		...(fields.length > 0 ? [`${fields.join(', ')} of ${INSTRUMENTATION_FILE}`] : [])
	];
	const [is, it] = off.length > 1 ? ['are', 'them'] : ['is', 'it'];
	const why = isOfFile
		? `the file of ${VARIABLES.configFile.name} has no ${causes.join(' and no ')} that can be used`
		: `${causes.join(' and ')} ${is} not set`;
	const remedy = isOfFile
		? `Add ${causes.join(' and ')} to the file`
		: `Set ${it} to otlp to export ${signals}, or to none to keep them off without this line`;
	log(
		// worker threads have the same configuration
		isBelowTelemetry ? 'debug' : 'info',
		`${signals} are off, because ${why}: there is no use for ${unused.join(' and ')}. ${remedy}`
	);
}

/** The variables that turn a signal on, and that say where its data goes. */
const variablesOf = (signal: SignalName): { exporter: string; endpoint: string } => ({
	exporter: `OTEL_${signal.toUpperCase()}_EXPORTER`,
	endpoint: `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`
});

/** Whether a field has a value that a signal would use. An empty list has none. */
const isUsed = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : value !== undefined);
