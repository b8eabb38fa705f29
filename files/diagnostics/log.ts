import { write } from './write.ts';

/** `bugs` of package.json when the package was built; empty if not set. Defined by `rollup.config.js`. */
declare const BUGS_URL: string;

/**
 * The log levels of `OTEL_LOG_LEVEL`: messages of this level and above are logged. The names are those of
 * OpenTelemetry's `DiagLogLevel`; the default of the specification is `info`.
 */
export const LOG_LEVELS = ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'] as const;

/** The minimum time between two lines about the same kind of problem, in milliseconds. */
export const LOG_EVERY_MS = 60_000;

/** A valid name for `OTEL_LOG_LEVEL`. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Characters that would break the line, or control the terminal. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029]+\s*/g;

let override: LogLevel | undefined;

/** Sets the log level of a configuration file, which has precedence over the environment. */
export function setLogLevel(level: LogLevel): void {
	override = level;
}

/** The active log level: `OTEL_LOG_LEVEL`; unknown values count as `info`. */
export function logLevel(): LogLevel {
	const level = override ?? (process.env.OTEL_LOG_LEVEL?.trim().toLowerCase() as LogLevel);
	return LOG_LEVELS.includes(level) ? level : 'info';
}

/**
 * Logs a message to stderr, in one line, so that log collectors do not split it.
 *
 * @param level the severity; nothing is logged if `OTEL_LOG_LEVEL` is less verbose
 * @param message what happened, the value, what happens instead, what to do
 */
export function log(level: Exclude<LogLevel, 'none' | 'all'>, message: string): void {
	if (LOG_LEVELS.indexOf(logLevel()) < LOG_LEVELS.indexOf(level)) return;
	write(process.stderr, `adapter-node-otel: ${message.replace(CONTROL, ' ').trim()}\n`);
}

/** The end of messages about bugs in this package: where to report them, if package.json has a URL. */
export const PLEASE_REPORT: string =
	typeof BUGS_URL === 'string' && BUGS_URL ? `please report it at ${BUGS_URL}` : 'please report it';

/** An error as text for a log message: without stack, for any thrown value. */
export function describeError(error: unknown): string {
	try {
		return String(error);
	} catch {
		return 'a value that is not an error';
	}
}
