import type { LoggerProvider, MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { Instrumentation } from './server-instrumentation.d.ts';

/** The providers for instrumentations, by signal. If one is undefined, the API's global one is used. */
export interface Providers {
	tracerProvider?: TracerProvider | undefined;
	meterProvider?: MeterProvider | undefined;
	loggerProvider?: LoggerProvider | undefined;
}

/** The instrumentations of a package. The server and the build create them with the same function. */
export interface MadeInstrumentations {
	instrumentations: Instrumentation[];
	/** Exports that could not be used, with the error. */
	failures: { name: string; error: unknown }[];
}

/** Creates instrumentations from the exports of a package. */
export type MakeInstrumentations = (
	exports: object,
	options: Record<string, unknown>
) => MadeInstrumentations;

/** The instrumentations that were started. */
export interface StartedInstrumentations {
	/** The short names of those that work. */
	names: string[];
	/** The libraries that had been loaded before, so that their instrumentations do not work. */
	alreadyLoaded: string[];
	/**
	 * Whether one of them traces `fetch`, so that ours must not: two would make two spans, and two `traceparent`
	 * headers.
	 */
	isFetchTraced?: boolean;
	/** Gives all of them other providers. Undefined if there are none. */
	useProviders?(providers: Providers): void;
}
