import type { Instrumentation } from './server-instrumentation.d.ts';

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
