import type { TelemetryOptions } from '../types/telemetry-options.d.ts';

/** A severity name. */
export type SeverityName = NonNullable<TelemetryOptions['logSeverity']>;

/**
 * The severity names of the specification, with their numbers
 * (https://opentelemetry.io/docs/specs/otel/logs/data-model/#displaying-severity).
 */
export const SEVERITIES: Readonly<Record<SeverityName, number>> = {
	trace: 1,
	debug: 5,
	info: 9,
	warn: 13,
	error: 17,
	fatal: 21
};

/** All severity names, from the lowest severity to the highest. */
export const SEVERITY_NAMES = Object.keys(SEVERITIES) as SeverityName[];
