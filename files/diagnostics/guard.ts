import { INSTRUMENTATION_FILE } from './instrumentation-file.ts';
import { describeError, log } from './log.ts';

/**
 * Makes a function of the app safe to call. An exception or a rejected promise is logged once, with what happens
 * instead, and is not passed on.
 *
 * @param what its name in `src/instrumentation.server`
 * @param call the function
 * @param fallback the return value if the function fails
 */
export function guard<Args extends unknown[], Result>(
	what: string,
	call: (...args: Args) => Result,
	fallback: (...args: Args) => Result
): (...args: Args) => Result {
	let isLogged = false;
	const logFailure = (error: unknown): void => {
		if (isLogged) return;
		isLogged = true;
		log(
			'error',
			`\`${what}\` of ${INSTRUMENTATION_FILE} has failed (${describeError(error)}): its failures are ignored. Fix it there`
		);
	};

	return (...args) => {
		try {
			const result = call(...args);
			if (!isPromise(result)) return result;
			return result.then(undefined, (error: unknown) => {
				logFailure(error);
				return fallback(...args);
			}) as Result;
		} catch (error) {
			logFailure(error);
			return fallback(...args);
		}
	};
}

function isPromise(value: unknown): value is Promise<unknown> {
	return typeof (value as Partial<Promise<unknown>> | undefined)?.then === 'function';
}
