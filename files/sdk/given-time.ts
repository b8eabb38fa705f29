import { type HrTime, type TimeInput, diag } from '@opentelemetry/api';
import { isTimeInput, timeInputToHrTime } from '@opentelemetry/core';

/** Converts a time that the app has passed; undefined if it is not valid. */
export function givenTime(time: TimeInput | undefined): HrTime | undefined {
	if (!isTimeInput(time)) return undefined;
	const given = timeInputToHrTime(time);
	const [seconds, nanoseconds] = given;
	if (seconds >= 0 && nanoseconds >= 0 && seconds < Infinity) return given;
	diag.warn('An invalid time was passed for a span: the current time is used.');
	return undefined;
}
