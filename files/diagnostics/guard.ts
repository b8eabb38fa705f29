import { log } from './log.ts';

/** Where the app's own code for telemetry is. */
export const FILE = 'src/instrumentation.server';

/**
 * Makes a function of the app's safe to call: a fault of it, also a promise that is rejected, is told once,
 * with what happens instead, and goes no further.
 *
 * @param what its name in `src/instrumentation.server`
 * @param call the function
 * @param fallback what is returned in place of a fault
 */
export function guard<Args extends unknown[], Result>(
	what: string,
	call: (...args: Args) => Result,
	fallback: (...args: Args) => Result
): (...args: Args) => Result {
	let isTold = false;
	const tell = (error: unknown): void => {
		if (isTold) return;
		isTold = true;
		log(
			'error',
			`\`${what}\` of ${FILE} has failed (${describe(error)}): it is passed over, now and whenever it fails again. Fix it there`
		);
	};

	return (...args) => {
		try {
			const result = call(...args);
			if (!isPromise(result)) return result;
			return result.then(undefined, (error: unknown) => {
				tell(error);
				return fallback(...args);
			}) as Result;
		} catch (error) {
			tell(error);
			return fallback(...args);
		}
	};
}

/** An error as a message shows it: no stack, whatever was thrown. */
export function describe(error: unknown): string {
	try {
		return String(error);
	} catch {
		return 'something that is no error';
	}
}

function isPromise(value: unknown): value is Promise<unknown> {
	return typeof (value as Partial<Promise<unknown>> | undefined)?.then === 'function';
}
