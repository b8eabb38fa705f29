import type { HrTime } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';

/**
 * Converts a time of `performance.now()` into a time since 1970. Times with the same start are in the order of
 * `performance.now()`, even if the clock of the system is changed.
 *
 * @param now the time
 * @param startedMs `Date.now()` at the start
 * @param startedAt `performance.now()` at the start
 */
export const wallTimeOf = (now: number, startedMs: number, startedAt: number): HrTime =>
	millisToHrTime(startedMs + now - startedAt);

/** Whether a time is before another one. */
export const isBefore = (a: HrTime, b: HrTime): boolean => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
