import { HttpError, Redirect } from 'sveltekit:internal';
import { currentRuntime } from './runtime.ts';

/** Creates SvelteKit's spans if telemetry is on and set up by the adapter. */
export const recordSpan = currentRuntime()?.recordSpans?.({
	isHttpError: (error) => error instanceof HttpError,
	isRedirect: (error) => error instanceof Redirect
});
