/* Wraps SvelteKit's `exports/internal/server/remote-functions.js`, which names the remote functions. */
import * as kit from 'sveltekit:itself';
import { noteFunctions } from './note-functions.ts';

export * from 'sveltekit:itself';

export const init_remote_functions: typeof kit.init_remote_functions = (module, ...args) => {
	kit.init_remote_functions(module, ...args);
	noteFunctions(module);
};
