import type { Attributes, Exception } from '@opentelemetry/api';
import {
	ATTR_EXCEPTION_MESSAGE,
	ATTR_EXCEPTION_STACKTRACE,
	ATTR_EXCEPTION_TYPE
} from '@opentelemetry/semantic-conventions';

/**
 * The attributes of the event for an exception; undefined if it has neither a type nor a message. Mirrors
 * `recordException` of `@opentelemetry/sdk-trace`.
 *
 * @param exception any value that was thrown
 */
export function exceptionAttributes(exception: Exception): Attributes | undefined {
	const { code, name, message, stack } =
		typeof exception === 'string'
			? ({ message: exception } as Exclude<Exception, string>)
			: (exception ?? ({} as Exclude<Exception, string>));
	const type = code?.toString() || name;
	if (!type && !message) return undefined;
	return {
		...(type && { [ATTR_EXCEPTION_TYPE]: type }),
		...(message && { [ATTR_EXCEPTION_MESSAGE]: message }),
		...(stack && { [ATTR_EXCEPTION_STACKTRACE]: stack })
	};
}
