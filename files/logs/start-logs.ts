import type { LoggerProvider } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { LoggerProvider as SdkLoggerProvider } from '@opentelemetry/sdk-logs';
import type { LogsSettings } from '../config/logs.ts';
import type { Settings } from '../config/settings.ts';
import { SEVERITIES } from '../config/severity.ts';
import type { Signal } from '../otlp/signal.ts';
import { configureLoggers } from './configure-loggers.ts';
import type { BuildManifest } from '../types/build-manifest.d.ts';
import type { DevStart } from '../types/dev.d.ts';
import { createExports } from './exports.ts';
import { observeLines } from './observe-lines.ts';
import { observeUncaught } from './uncaught.ts';
import { registerLoggers } from './register-loggers.ts';
import { SafeLoggerProvider } from './safe-loggers.ts';
import { findSenders } from './senders.ts';

/** The scope of printed lines. The logger configurator of a configuration file can use this name. */
const SCOPE = 'console';

/** Started logs. */
export interface Logs extends Signal {
	/** For instrumentations. */
	provider: LoggerProvider;
	/**
	 * Starts to make records of printed lines.
	 *
	 * @param instrumentations short names of the working ones: loggers among them export their lines
	 * themselves
	 */
	observe(instrumentations: readonly string[]): void;
	/** Removes what is registered in the process, for a dev server that starts logs again. */
	restore(): void;
}

/** What logs need in addition to their settings. */
export interface LogsOptions {
	/** The differences in a dev or preview server. */
	dev?: DevStart | undefined;
	resource: Resource;
	/** The minimum severity that is kept, and the maximum number of characters of a body. */
	settings: Pick<Settings, 'logSeverity' | 'logBodyLimit'>;
	/** The value of the User-Agent header. */
	userAgent: string;
	/** With the options of the instrumentations of loggers. */
	buildManifest: Pick<BuildManifest, 'defaults'>;
}

/**
 * Makes log records of printed lines and of the app's loggers.
 *
 * @param settings the settings of logs
 * @param options what logs need in addition
 */
export async function startLogs(settings: LogsSettings, options: LogsOptions): Promise<Logs> {
	const { resource, userAgent, buildManifest } = options;
	const { logSeverity: severity, logBodyLimit: bodyLimit } = options.settings;
	const { processors, sink, ...signal } = await createExports(settings.processors, userAgent);
	const configure = configureLoggers(settings.loggers, severity ? SEVERITIES[severity] : 0);
	const sdk = new SdkLoggerProvider({
		resource,
		processors,
		logRecordLimits: settings.limits,
		loggerConfigurator: configure
	});
	const provider = new SafeLoggerProvider(sdk, configure, sink, bodyLimit);
	const undo = [registerLoggers(options.dev?.followLoggers(provider) ?? provider)];
	return {
		...signal,
		provider,
		observe(instrumentations) {
			const senders = findSenders(instrumentations, buildManifest.defaults.instrumentations);
			const logger = provider.getLogger(SCOPE);
			undo.push(observeLines(logger, bodyLimit, senders), observeUncaught(logger, bodyLimit));
		},
		restore: () => undo.forEach((each) => each())
	};
}
