/** The signals of OpenTelemetry, by their names in URLs and, in upper case, in variables. */
export const SIGNALS = ['traces', 'metrics', 'logs'] as const;

/** One of them. */
export type SignalName = (typeof SIGNALS)[number];
