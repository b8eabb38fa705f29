import { type LoggerProvider, createNoopLogger, logs } from '@opentelemetry/api';
import { log } from '../diagnostics/log.ts';

/**
 * The global key of `@opentelemetry/api-logs`, which was the API of logs before `@opentelemetry/api` 1.10
 * included it. The loggers of both are alike. The registered value is a function that returns the provider
 * if it is called with a compatible version
 * (https://github.com/open-telemetry/opentelemetry-js/blob/main/experimental/packages/api-logs/src/internal/global-utils.ts).
 */
const OLD_REGISTRY = Symbol.for('io.opentelemetry.js.api.logs');

/** The version that all its releases pass. */
const OLD_VERSION = 1;

const holder = globalThis as { [OLD_REGISTRY]?: (version: number) => LoggerProvider };

const NOOP: LoggerProvider = { getLogger: createNoopLogger };

/** Registers a provider for the app's loggers, with each copy of either API. */
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
