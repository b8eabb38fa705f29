import type { LoggerProvider } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { LoggerProvider as SdkLoggerProvider } from '@opentelemetry/sdk-logs';
import type { LogsSettings } from '../config/logs.ts';
import { SEVERITIES, type SeverityName } from '../config/severity.ts';
import type { Signal } from '../otlp/signal.ts';
import { configureLoggers } from './configure-loggers.ts';
import type { Defaults } from '../types/build-manifest.d.ts';
import { createExports } from './exports.ts';
import { observeLines } from './observe-lines.ts';
import { observeUncaught } from './uncaught.ts';
import { registerLoggers } from './register-loggers.ts';
import { SafeLoggerProvider } from './safe-loggers.ts';
import { findSenders } from './senders.ts';

/** The scope of what is printed, as the logger configurator of a configuration file may name it. */
const SCOPE = 'console';

/** Logs that are on. */
export interface Logs extends Signal {
	/** For instrumentations. */
	provider: LoggerProvider;
	/**
	 * Begins to make records of what is printed.
	 *
	 * @param instrumentations short names of those that work: loggers among them send their lines themselves
	 */
	observe(instrumentations: readonly string[]): void;
}

/** What logs are made with, beside their settings. */
export interface LogsOptions {
	resource: Resource;
	/** The least severity that is kept, if there is one. */
	severity: SeverityName | undefined;
	/** Characters of a body at most. */
	bodyLimit: number;
	/** Who sends. */
	userAgent: string;
	/** Of the build, for the instrumentations of loggers. */
	instrumentations: Defaults['instrumentations'];
}

/**
 * Makes log records of what is printed and of what the app's loggers say.
 *
 * @param settings of logs
 * @param options what else it takes
 */
export async function startLogs(settings: LogsSettings, options: LogsOptions): Promise<Logs> {
	const { resource, severity, bodyLimit, userAgent } = options;
	const { processors, sink, ...signal } = await createExports(settings.processors, userAgent);
	const sdk = new SdkLoggerProvider({
		resource,
		processors,
		logRecordLimits: settings.limits,
		loggerConfigurator: configureLoggers(settings.loggers, severity ? SEVERITIES[severity] : 0)
	});
	const provider = new SafeLoggerProvider(sdk, sink, bodyLimit);
	registerLoggers(provider);
	return {
		...signal,
		provider,
		observe(instrumentations) {
			const senders = findSenders(instrumentations, options.instrumentations);
			const logger = provider.getLogger(SCOPE);
			observeLines(logger, bodyLimit, senders);
			observeUncaught(logger, bodyLimit);
		}
	};
}
