/** The signals of OpenTelemetry, with their names in URLs; environment variables have them in upper case. */
export const SIGNALS = ['traces', 'metrics', 'logs'] as const;

/** The name of a signal. */
export type SignalName = (typeof SIGNALS)[number];
