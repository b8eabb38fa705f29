import { type Rewrite, emitted } from './rewrite.ts';

/*
 * What SvelteKit does for each of its spans, before a tracer is asked, is most of what tracing costs a
 * request that is not sampled. Two places in what it emits make that as cheap as tracing that is off.
 */

/** What `files/entry/register.ts` has started, if it has. */
const RUNTIME = 'globalThis[Symbol.for("adapter-node-otel")]';

/**
 * SvelteKit's `record_span`, which all its spans go through: where all that is below the active span goes
 * nowhere (see `unrecorded` in `files/types/runtime.ts`), the function runs with that span, as it runs with
 * SvelteKit's own one that does nothing where tracing is off.
 */
const RECORD_SPAN: Rewrite = {
	pattern: emitted(
		String.raw`(?<head>\basync\s+function\s+ID\( \{ name(?:: ID)?, attributes(?:: ID)?, fn(?:: ID)? \} \) \{ `,
		String.raw`if \( (?<otel>ID) === null \) (?:\{ )?return\s+(?<fn>ID)\(ID\);(?: \})?)`,
		String.raw`(?= (?:const|let) \{ SpanStatusCode(?:: ID)?, tracer(?:: ID)? \} = await\s+\k<otel>)`
	),
	to: ({ head, fn }) =>
		`${head} const unrecorded = ${RUNTIME}?.unrecorded?.(); if (unrecorded) return ${fn}(unrecorded);`
};

/**
 * SvelteKit's `propagate_context`, which finds the caller in the headers of each request, also of one that the
 * app makes to itself: that one has its caller around it. And it makes an object of all headers, of which
 * propagators ask for two or three: they get the headers as they are.
 */
const PROPAGATE_CONTEXT: Rewrite = {
	pattern: emitted(
		String.raw`(?<head>\basync \( (?<req>ID), \.\.\.(?<rest>ID) \) => \{ `,
		String.raw`if \( (?<otel>ID) === null \) (?:\{ )?(?<respond>return\s+ID\(\k<req>, \.\.\.\k<rest>\);)(?: \})?)`,
		String.raw`(?<extract> (?:const|let) \{ propagation(?:: ID)?, context(?:: ID)? \} = await\s+\k<otel>`,
		String.raw` (?:,|; (?:const|let)\s) ID = ID\.extract\( ID\.active\(\), )Object\.fromEntries\((?<headers>\k<req>\.headers)\) \)`
	),
	to: ({ head, respond, extract, headers }) =>
		`${head} if (${RUNTIME}?.serves?.()) ${respond}${extract}${headers}, { get: (headers, name) => headers.get(name) ?? undefined, keys: (headers) => [...headers.keys()] })`
};

/** Both places. */
export const LEAN_SPANS: readonly Rewrite[] = [RECORD_SPAN, PROPAGATE_CONTEXT];
