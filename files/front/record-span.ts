import { HttpError, Redirect } from 'sveltekit:internal';
import { runtime } from './runtime.ts';

/** Makes SvelteKit's spans, where telemetry is on and ours. */
export const recordSpan = runtime?.recordSpans?.({
	isHttpError: (error) => error instanceof HttpError,
	isRedirect: (error) => error instanceof Redirect
});
