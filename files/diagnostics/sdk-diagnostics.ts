import { DiagLogLevel, type DiagLogger, diag } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { format } from 'node:util';
import { LOG_EVERY_MS, type LogLevel, log, logLevel } from './log.ts';

/** Maximum number of remembered messages, so that messages with changing numbers do not fill the memory. */
const MAX_REMEMBERED = 200;

/** Writes the SDK's diagnostics to stderr, at `OTEL_LOG_LEVEL`; the same message at most once a minute. */
export function setDiagnostics(): void {
	const saidAt = new Map<string, number>();

	const say =
		(level: keyof DiagLogger) =>
		(...parts: unknown[]): void => {
			const message = fill(parts.map(toText).filter(Boolean));
			// the same problem with different span ids counts as the same message
			const kind = message.replace(/[0-9a-f]{16,32}/g, '…');
			const now = performance.now();
			if (now - (saidAt.get(kind) ?? -Infinity) < LOG_EVERY_MS) return;
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
	// the default handler logs the whole error as JSON
	setGlobalErrorHandler((error) => logger.error(toText(error)));
	diag.setLogger(logger, { logLevel: toDiagLogLevel(logLevel()), suppressOverrideMessage: true });
}

/** OpenTelemetry's enum has the same names, in upper case. */
function toDiagLogLevel(level: LogLevel): DiagLogLevel {
	return DiagLogLevel[level.toUpperCase() as Uppercase<LogLevel>];
}

/** Like `console`, the SDK uses `%s` for the following arguments. */
function fill(parts: readonly string[]): string {
	const at = parts.findIndex((part) => part.includes('%s'));
	return at < 0 ? parts.join(' ') : [...parts.slice(0, at), format(...parts.slice(at))].join(' ');
}

/** The first part is the name of the component. Parts that are not text can be large or secret. */
function toText(part: unknown): string {
	if (part instanceof Error) return part.message;
	return typeof part === 'object' || typeof part === 'function' ? '' : String(part ?? '');
}
