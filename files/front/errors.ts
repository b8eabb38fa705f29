/* In front of SvelteKit's `runtime/server/errors.js`, which calls the app's `handleError` for every error. */
import * as kit from 'sveltekit:itself';
import { runtime } from './runtime.ts';

export * from 'sveltekit:itself';

const handleError = runtime?.handleError;

export const handle_error_and_jsonify: typeof kit.handle_error_and_jsonify = handleError
	? (...args) => handleError(kit.handle_error_and_jsonify, ...args)
	: kit.handle_error_and_jsonify;
