import type { Instrumentation } from './server-instrumentation.d.ts';

/** What the exports of an instrumentation package came to. The server and the build have them from one function. */
export interface MadeInstrumentations {
	instrumentations: Instrumentation[];
	/** Exports that could not be used, and why. */
	failures: { name: string; error: unknown }[];
}

/** Makes instrumentations of what a package exports. */
export type MakeInstrumentations = (
	exports: object,
	options: Record<string, unknown>
) => MadeInstrumentations;
