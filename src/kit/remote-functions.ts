import { RUNTIME } from './globals.ts';
import type { Rewrite } from './rewrite.ts';

/**
 * The code with which SvelteKit assigns an id and a name to each remote function of a module, when the
 * module is loaded. The added code reports the names to the runtime. It occurs once per module, and SvelteKit 2
 * emits each module twice.
 */
export const NOTE_REMOTE_FUNCTIONS: Rewrite = {
	pattern: /\b(?<fn>[\w$]+)\.__\.name ?= ?(?<name>[\w$]+)(?=[;,}\s])/g,
	to: ({ fn, name }) => `${fn}.__.name = ${name}, ${RUNTIME}?.noteRemote?.(${fn}.__)`,
	isAnywhere: true
};
