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

/**
 * Registers a provider for the app's loggers, with each copy of either API.
 *
 * @returns undoes it
 */
export function registerLoggers(provider: LoggerProvider): () => void {
	const isRegistered = logs.setGlobalLoggerProvider(provider);
	if (!isRegistered) logRegistered('@opentelemetry/api');
	const old = (version: number): LoggerProvider => (version === OLD_VERSION ? provider : NOOP);
	if (holder[OLD_REGISTRY]) logRegistered('@opentelemetry/api-logs');
	else holder[OLD_REGISTRY] = old;
	return () => {
		if (isRegistered) logs.disable();
		if (holder[OLD_REGISTRY] === old) delete holder[OLD_REGISTRY];
	};
}

function logRegistered(api: string): void {
	log(
		'warn',
		`a logger provider is already registered with ${api}: its records are not exported, those of the console are. Remove it to export both`
	);
}
