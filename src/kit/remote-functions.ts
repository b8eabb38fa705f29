import type { Rewrite } from './rewrite.ts';

/**
 * Where SvelteKit gives each remote function of a module its id and its name, which is when the module is
 * loaded: the server learns from there which names the build has. As often as there are such modules, in what
 * SvelteKit 2 emits twice for each.
 */
export const TELL_REMOTE_FUNCTIONS: Rewrite = {
	pattern: /\b(?<fn>[\w$]+)\.__\.name ?= ?(?<name>[\w$]+)(?=[;,}\s])/g,
	to: ({ fn, name }) =>
		`${fn}.__.name = ${name}, globalThis[Symbol.for("adapter-node-otel")]?.noteRemote?.(${fn}.__)`,
	isAnywhere: true
};
