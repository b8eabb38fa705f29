/*
 * Names of packages that both halves know. As types, so that neither half imports code of the other: a name that
 * differs does not compile.
 */

/** The package that depends on all of OpenTelemetry's own instrumentations. Not every package manager hoists them. */
export type AllInstrumentations = '@opentelemetry/auto-instrumentations-node';

/** The instrumentation of outgoing `fetch`, which is bundled with the adapter. */
export type FetchInstrumentation = '@opentelemetry/instrumentation-undici';
