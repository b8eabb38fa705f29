import type { TextMapPropagator, TracerProvider } from '@opentelemetry/api';

/** What any copy of `@opentelemetry/api` has registered; the API has no functions to read this. */
export interface Registry {
	version: string;
	trace?: TracerProvider;
	propagation?: TextMapPropagator;
}

/** The key that all copies of the API with the same major version use. */
const KEY = Symbol.for('opentelemetry.js.api.1');

const holder = globalThis as { [KEY]?: Registry | undefined };

/** The current registry, if there is one. */
export const readRegistry = (): Registry | undefined => holder[KEY];

/** Replaces or removes the registry, because its version is read-only. */
export const writeRegistry = (registry: Registry | undefined): void => void (holder[KEY] = registry);

/** Whether a tracer provider is registered. */
export const hasTracerProvider = (): boolean => holder[KEY]?.trace !== undefined;
