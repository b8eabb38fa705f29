import { RUNTIME } from './globals.ts';
import type { Rewrite } from './rewrite.ts';

/*
 * SvelteKit 2 has no spans for the rendering of pages and the errors that it catches itself. On SvelteKit
 * 3 our modules wrap both (see `wrappers.ts`).
 */

/** The methods of `Runtime` that wrap a function of SvelteKit's. */
type Hook = 'render' | 'handleError' | 'callRemote';

/**
 * The code of a function that takes the place of one of SvelteKit's and calls it, through the runtime if
 * telemetry is on. SvelteKit's own has the prefix `kit_`.
 *
 * @param name the name of SvelteKit's function
 * @param hook the method of `Runtime`
 */
export const throughRuntime = (name: string, hook: Hook): string =>
	`function ${name}(...args) { const hook = ${RUNTIME}?.${hook}; return hook ? hook(kit_${name}, ...args) : kit_${name}(...args); }`;

/**
 * Wraps a function in what SvelteKit has emitted.
 *
 * @param begin the code after the function's name, minified or not
 * @param hook the method of `Runtime`
 */
const wrap = (begin: RegExp, hook: Hook): Rewrite => ({
	pattern: new RegExp(`\\basync function (?<name>[\\w$]+)(?=${begin.source})`, 'g'),
	to: ({ name }) => `${throughRuntime(name!, hook)}\nasync function kit_${name}`
});

/**
 * `get_response`, which runs the queries that the server itself calls. It is found by its first two statements,
 * which it has at least since 2.50. Apps without such a query may not have it.
 */
export const REMOTE_CALLS: Rewrite = {
	...wrap(
		/\((?<internals>[\w$]+),\s*[\w$]+,\s*(?<state>[\w$]+),\s*[\w$]+\)\s*\{\s*await 0;\s*(?:const|let|var) [\w$]+ ?= ?[\w$]+\(\k<internals>, ?\k<state>\)/,
		'callRemote'
	),
	isAnywhere: true
};

/**
 * Both places: `render_response` is found by its first argument, and `handle_error_and_jsonify` by its
 * return value.
 */
export const RENDERING_AND_ERRORS: readonly Rewrite[] = [
	wrap(/\(\{\s*branch\b/, 'render'),
	wrap(
		/\((?:[\w$]+,\s*){2,3}[\w$]+\)\s*\{\s*(?:if\s*\(|return\s+)[\w$]+ instanceof [\w$]+\)?[\s{?]*(?:return\s*)?(?:\{\s*message: ?["'`]Unknown Error|[\w$]+\.body\b\s*[;:}])/,
		'handleError'
	)
];
