import { type LoggerProvider, createNoopLogger, logs } from '@opentelemetry/api';
import { log } from '../diagnostics/log.ts';

/**
 * Where `@opentelemetry/api-logs` looks, the API of logs before it was part of `@opentelemetry/api` 1.10. The
 * loggers of both are alike. What is registered is a function that gives out the provider to those who ask
 * for the version that they know
 * (https://github.com/open-telemetry/opentelemetry-js/blob/main/experimental/packages/api-logs/src/internal/global-utils.ts).
 */
const OLD_REGISTRY = Symbol.for('io.opentelemetry.js.api.logs');

/** The one that all of its releases ask for. */
const OLD_VERSION = 1;

const holder = globalThis as { [OLD_REGISTRY]?: (version: number) => LoggerProvider };

const NOOP: LoggerProvider = { getLogger: createNoopLogger };

/** Makes a provider the one that the app's loggers come from, whichever copy of either API they ask. */
export function registerLoggers(provider: LoggerProvider): void {
	if (!logs.setGlobalLoggerProvider(provider)) tellTaken('@opentelemetry/api');
	if (holder[OLD_REGISTRY]) return tellTaken('@opentelemetry/api-logs');
	holder[OLD_REGISTRY] = (version) => (version === OLD_VERSION ? provider : NOOP);
}

function tellTaken(api: string): void {
	log(
		'warn',
		`somebody has registered a logger provider with ${api} before: its loggers stay theirs, the console is exported all the same. Remove that to export them, too`
	);
}
