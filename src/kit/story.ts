import type { Rewrite } from './rewrite.ts';

/*
 * What SvelteKit 2 has no spans for: the rendering of pages, and the errors that it catches itself. On
 * SvelteKit 3 modules of ours stand in front of the two (see `fronts.ts`).
 */

/**
 * A function of SvelteKit's gets another name, and one of ours its own: it calls SvelteKit's, through the
 * runtime where telemetry is on.
 *
 * @param begin how it goes on after its name, minified or not
 * @param hook of `Runtime`
 */
const throughRuntime = (begin: RegExp, hook: 'render' | 'handleError'): Rewrite => ({
	pattern: new RegExp(`\\basync function (?<name>[\\w$]+)(?=${begin.source})`, 'g'),
	to: ({ name }) =>
		`async function ${name}(...args) { const hook = globalThis[Symbol.for("adapter-node-otel")]?.${hook}; return hook ? hook(kit_${name}, ...args) : kit_${name}(...args); }\nasync function kit_${name}`
});

/** Both places: `render_response`, by its first argument, and `handle_error_and_jsonify`, by what it answers. */
export const TELL_STORY: readonly Rewrite[] = [
	throughRuntime(/\(\{\s*branch\b/, 'render'),
	throughRuntime(
		/\((?:[\w$]+,\s*){2,3}[\w$]+\)\s*\{\s*(?:if\s*\(|return\s+)[\w$]+ instanceof [\w$]+\)?[\s{?]*(?:return\s*)?(?:\{\s*message: ?["'`]Unknown Error|[\w$]+\.body\b\s*[;:}])/,
		'handleError'
	)
];
