import { write } from './write.ts';

/**
 * How much is told, by `OTEL_LOG_LEVEL`: everything at a level and above. The names are the ones of
 * OpenTelemetry's `DiagLogLevel`; the default of the specification is `info`.
 */
const LEVELS = ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'] as const;

/** A name that `OTEL_LOG_LEVEL` may have. */
export type LogLevel = (typeof LEVELS)[number];

/** What would break the line, or make a terminal do things. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029]+\s*/g;

let override: LogLevel | undefined;

/** The level of a configuration file, which goes before the environment. */
export function setLogLevel(level: LogLevel): void {
	override = level;
}

/** The level in force: `OTEL_LOG_LEVEL`, of which anything unknown counts as `info`. */
export function logLevel(): LogLevel {
	const level = override ?? (process.env.OTEL_LOG_LEVEL?.trim().toLowerCase() as LogLevel);
	return LEVELS.includes(level) ? level : 'info';
}

/**
 * Says one thing on stderr, in one line, so that a log collector keeps it together.
 *
 * @param level how loud; silent when `OTEL_LOG_LEVEL` asks for less
 * @param message what happened, the value seen, what happens instead, what to do
 */
export function log(level: Exclude<LogLevel, 'none' | 'all'>, message: string): void {
	if (LEVELS.indexOf(logLevel()) < LEVELS.indexOf(level)) return;
	write(process.stderr, `adapter-node-otel: ${message.replace(CONTROL, ' ').trim()}\n`);
}
