import type { LoggerConfigurator } from '@opentelemetry/sdk-logs';
import type { LoggerSettings } from '../config/logs.ts';

/**
 * The configuration of a logger, by its name. Works like the SDK's `createLoggerConfigurator`, which does
 * not support the `?` of a configuration file.
 *
 * @param loggers the first entry whose pattern matches applies
 * @param floor the minimum severity for loggers without their own, 0 for all
 */
export function configureLoggers(loggers: readonly LoggerSettings[], floor: number): LoggerConfigurator {
	const configs = loggers.map(({ pattern, isEnabled, minimumSeverity, isTraceBased }) => ({
		pattern: toRegExp(pattern),
		config: { enabled: isEnabled, minimumSeverity: minimumSeverity ?? floor, traceBased: isTraceBased }
	}));
	const others = { enabled: true, minimumSeverity: floor, traceBased: false };
	return ({ name }) => configs.find(({ pattern }) => pattern.test(name))?.config ?? others;
}

function toRegExp(pattern: string): RegExp {
	const source = pattern
		.replace(/[.+^${}()|[\]\\]/g, '\\$&')
		.replaceAll('*', '.*')
		.replaceAll('?', '.');
	return new RegExp(`^${source}$`, 's');
}
