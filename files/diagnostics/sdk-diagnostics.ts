import { DiagLogLevel, type DiagLogger, diag } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { format } from 'node:util';
import { log, logLevel } from './log.ts';

/** The same thing is said at most this often. */
const REPEAT_MS = 60_000;

/** Different things remembered at most, so that a message with a number in it cannot fill memory. */
const MAX_REMEMBERED = 200;

const DIAG_LEVELS = {
	none: DiagLogLevel.NONE,
	error: DiagLogLevel.ERROR,
	warn: DiagLogLevel.WARN,
	info: DiagLogLevel.INFO,
	debug: DiagLogLevel.DEBUG,
	verbose: DiagLogLevel.VERBOSE,
	all: DiagLogLevel.ALL
};

/** Sends what OpenTelemetry says about itself to stderr, at `OTEL_LOG_LEVEL`, each thing once a minute. */
export function setDiagnostics(): void {
	const saidAt = new Map<string, number>();

	const say =
		(level: 'error' | 'warn' | 'info' | 'debug' | 'verbose') =>
		(...parts: unknown[]): void => {
			const message = fill(parts.map(toText).filter(Boolean));
			// the ids of spans differ, what is wrong with them does not
			const kind = message.replace(/[0-9a-f]{16,32}/g, '…');
			const now = performance.now();
			if (now - (saidAt.get(kind) ?? -Infinity) < REPEAT_MS) return;
			if (saidAt.size >= MAX_REMEMBERED) saidAt.clear();
			saidAt.set(kind, now);
			log(level, `OpenTelemetry: ${message}`);
		};

	const logger: DiagLogger = {
		error: say('error'),
		warn: say('warn'),
		info: say('info'),
		debug: say('debug'),
		verbose: say('verbose')
	};
	// upstream's own prints the whole error as JSON
	setGlobalErrorHandler((error) => logger.error(toText(error)));
	diag.setLogger(logger, { logLevel: DIAG_LEVELS[logLevel()], suppressOverrideMessage: true });
}

/** Like `console`, upstream's messages have `%s` for what follows. */
function fill(parts: readonly string[]): string {
	const at = parts.findIndex((part) => part.includes('%s'));
	return at < 0 ? parts.join(' ') : [...parts.slice(0, at), format(...parts.slice(at))].join(' ');
}

/** A component says its name first, then what is the matter; what is no text may be of any size, and secret. */
function toText(part: unknown): string {
	if (part instanceof Error) return part.message;
	return typeof part === 'object' || typeof part === 'function' ? '' : String(part ?? '');
}
