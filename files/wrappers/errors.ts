/* Wraps SvelteKit's `runtime/server/errors.js`, which calls the app's `handleError` for every error. */
import * as kit from 'sveltekit:itself';
import { currentRuntime } from './runtime.ts';

export * from 'sveltekit:itself';

export const handle_error_and_jsonify: typeof kit.handle_error_and_jsonify = (...args) => {
	const handleError = currentRuntime()?.handleError;
	return handleError
		? handleError(kit.handle_error_and_jsonify, ...args)
		: kit.handle_error_and_jsonify(...args);
};
