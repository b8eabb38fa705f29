import type { TextMapPropagator, TracerProvider } from '@opentelemetry/api';

/** What is registered with `@opentelemetry/api`, by any copy of it; it has no questions of its own for this. */
export interface Registry {
	version: string;
	trace?: TracerProvider;
	propagation?: TextMapPropagator;
}

/** Where every copy of the API's major version looks. */
const KEY = Symbol.for('opentelemetry.js.api.1');

const holder = globalThis as { [KEY]?: Registry | undefined };

/** What is registered so far, if anything. */
export const readRegistry = (): Registry | undefined => holder[KEY];

/** Puts another in its place, or none: its version cannot be changed. */
export const writeRegistry = (registry: Registry | undefined): void => void (holder[KEY] = registry);

/** Whether somebody has registered a tracer provider. */
export const hasTracerProvider = (): boolean => holder[KEY]?.trace !== undefined;
