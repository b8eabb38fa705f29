import type { LoggerConfigurator } from '@opentelemetry/sdk-logs';
import type { LoggerSettings } from '../config/logs.ts';

/**
 * What is kept of a logger, by its name. Mirrors the SDK's `createLoggerConfigurator`, which does not know the
 * `?` of a configuration file.
 *
 * @param loggers the first whose pattern fits counts
 * @param floor the least severity where none is said, 0 for all
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
