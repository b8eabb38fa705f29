import type { Rewrite } from './rewrite.ts';

/*
 * SvelteKit 2 has no spans for the rendering of pages and the errors that it catches itself. On SvelteKit
 * 3 our modules wrap both (see `fronts.ts`).
 */

/**
 * Renames a function of SvelteKit's. A function of ours gets its old name and calls SvelteKit's, through
 * the runtime if telemetry is on.
 *
 * @param begin the code after the function's name, minified or not
 * @param hook the method of `Runtime`
 */
const throughRuntime = (begin: RegExp, hook: 'render' | 'handleError'): Rewrite => ({
	pattern: new RegExp(`\\basync function (?<name>[\\w$]+)(?=${begin.source})`, 'g'),
	to: ({ name }) =>
		`async function ${name}(...args) { const hook = globalThis[Symbol.for("adapter-node-otel")]?.${hook}; return hook ? hook(kit_${name}, ...args) : kit_${name}(...args); }\nasync function kit_${name}`
});

/**
 * Both places: `render_response` is found by its first argument, and `handle_error_and_jsonify` by its
 * return value.
 */
export const TELL_STORY: readonly Rewrite[] = [
	throughRuntime(/\(\{\s*branch\b/, 'render'),
	throughRuntime(
		/\((?:[\w$]+,\s*){2,3}[\w$]+\)\s*\{\s*(?:if\s*\(|return\s+)[\w$]+ instanceof [\w$]+\)?[\s{?]*(?:return\s*)?(?:\{\s*message: ?["'`]Unknown Error|[\w$]+\.body\b\s*[;:}])/,
		'handleError'
	)
];
