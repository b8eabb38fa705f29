import type { Rewrite } from './rewrite.ts';

/*
 * What SvelteKit does for each of its spans, before a tracer is asked, is most of what tracing costs a
 * request that is not sampled. Two places in what it emits make that as cheap as tracing that is off.
 */

/** What `files/entry/register.ts` has started, if it has. */
const RUNTIME = 'globalThis[Symbol.for("adapter-node-otel")]';

/**
 * SvelteKit's `record_span`, which all its spans go through: where all that is below the active span goes
 * nowhere (see `unrecorded` in `files/entry/register.ts`), the function runs with that span, as it runs with
 * SvelteKit's own one that does nothing where tracing is off.
 */
const RECORD_SPAN: Rewrite = {
	pattern:
		/(?<head>\basync function [\w$]+\(\{ name, attributes, fn \}\) \{\s*if \([\w$]+ === null\) (?:\{\s*)?return fn\([\w$]+\);(?:\s*\})?)(?=\s*const \{ SpanStatusCode, tracer \} = await )/g,
	to: ({ head }) =>
		`${head} const unrecorded = ${RUNTIME}?.unrecorded?.(); if (unrecorded) return fn(unrecorded);`
};

/**
 * SvelteKit's `propagate_context`, which finds the caller in the headers of each request, also of one that the
 * app makes to itself: that one has its caller around it. And it makes an object of all headers, of which
 * propagators ask for two or three: they get the headers as they are.
 */
const PROPAGATE_CONTEXT: Rewrite = {
	pattern: new RegExp(
		[
			/(?<head>\basync \((?<req>[\w$]+), \.\.\.(?<rest>[\w$]+)\) => \{\s*if \([\w$]+ === null\) (?:\{\s*)?(?<respond>return [\w$]+\(\k<req>, \.\.\.\k<rest>\);)(?:\s*\})?)/,
			/(?<extract>\s*const \{ propagation, context \} = await [\w$]+;\s*const [\w$]+ = propagation\.extract\(context\.active\(\), )Object\.fromEntries\((?<headers>[\w$]+\.headers)\)\)/
		]
			.map(({ source }) => source)
			.join(''),
		'g'
	),
	to: ({ head, respond, extract, headers }) =>
		`${head} if (${RUNTIME}?.serves?.()) ${respond}${extract}${headers}, { get: (headers, name) => headers.get(name) ?? undefined, keys: (headers) => [...headers.keys()] })`
};

/** Both places. */
export const LEAN_SPANS: readonly Rewrite[] = [RECORD_SPAN, PROPAGATE_CONTEXT];
