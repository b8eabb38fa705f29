import type { Rewrite } from './rewrite.ts';

/*
 * What SvelteKit does for each of its spans, before a tracer is asked, is most of what tracing costs a
 * request that is not sampled. Two places in what it emits make that as cheap as tracing that is off.
 */

/**
 * SvelteKit's `record_span`, which all its spans go through: where all that is below the active span goes
 * nowhere (see `unrecorded` in `files/register.ts`), the function runs with that span, as it runs with
 * SvelteKit's own one that does nothing where tracing is off.
 */
const RECORD_SPAN: Rewrite = {
	pattern:
		/(?<head>\basync function [\w$]+\(\{ name, attributes, fn \}\) \{\s*if \([\w$]+ === null\) (?:\{\s*)?return fn\([\w$]+\);(?:\s*\})?)(?=\s*const \{ SpanStatusCode, tracer \} = await )/g,
	to: ({ head }) =>
		`${head} const unrecorded = globalThis[Symbol.for("adapter-node-otel")]?.unrecorded?.(); if (unrecorded) return fn(unrecorded);`
};

/**
 * SvelteKit's `propagate_context` makes an object of all headers of a request, twice with a `fetch` of an own
 * route. Propagators ask for two or three of them: they get the headers as they are.
 */
const PROPAGATE_CONTEXT: Rewrite = {
	pattern:
		/(?<head>\bpropagation\.extract\(context\.active\(\), )Object\.fromEntries\((?<headers>[\w$]+\.headers)\)\)/g,
	to: ({ head, headers }) =>
		`${head}${headers}, { get: (headers, name) => headers.get(name) ?? undefined, keys: (headers) => [...headers.keys()] })`
};

/** Both places. */
export const LEAN_SPANS: readonly Rewrite[] = [RECORD_SPAN, PROPAGATE_CONTEXT];
