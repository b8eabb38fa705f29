import { HttpError, Redirect } from 'sveltekit:internal';
import { runtime } from './runtime.ts';

/** Creates SvelteKit's spans if telemetry is on and set up by the adapter. */
export const recordSpan = runtime?.recordSpans?.({
	isHttpError: (error) => error instanceof HttpError,
	isRedirect: (error) => error instanceof Redirect
});
