import { type HrTime, type TimeInput, diag } from '@opentelemetry/api';
import { isTimeInput, timeInputToHrTime } from '@opentelemetry/core';

/** A time that somebody has given, if it is one. */
export function givenTime(time: TimeInput | undefined): HrTime | undefined {
	if (!isTimeInput(time)) return undefined;
	const given = timeInputToHrTime(time);
	const [seconds, nanoseconds] = given;
	if (seconds >= 0 && nanoseconds >= 0 && seconds < Infinity) return given;
	diag.warn('A time that is none was given for a span: the current time is used.');
	return undefined;
}
