/*
 * Wraps SvelteKit's `runtime/app/server/remote/shared.js`, which runs the queries that the server itself
 * calls, in a `load` function or while it renders a page.
 */
import * as kit from 'sveltekit:itself';
import { currentRuntime } from './runtime.ts';

export * from 'sveltekit:itself';

export const get_response: typeof kit.get_response = (...args) => {
	const callRemote = currentRuntime()?.callRemote;
	return callRemote ? callRemote(kit.get_response, ...args) : kit.get_response(...args);
};
