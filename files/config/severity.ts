/**
 * The severity names of the specification, with their numbers
 * (https://opentelemetry.io/docs/specs/otel/logs/data-model/#displaying-severity).
 */
export const SEVERITIES = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;

/** A severity name. */
export type SeverityName = keyof typeof SEVERITIES;

/** All severity names, from the lowest severity to the highest. */
export const SEVERITY_NAMES = Object.keys(SEVERITIES) as SeverityName[];
