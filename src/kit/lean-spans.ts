import { type Rewrite, emitted } from './rewrite.ts';

/*
 * What SvelteKit 2 does for each of its spans, before a tracer is asked, is most of what tracing costs. Two
 * places in what it emits hand over to what SvelteKit 3 gets by modules in front of its own (`files/front`).
 */

/** What `files/entry/register.ts` has started, if it has. */
const RUNTIME = 'globalThis[Symbol.for("adapter-node-otel")]';

/** SvelteKit's `record_span`, which all its spans go through. */
const RECORD_SPAN: Rewrite = {
	pattern: emitted(
		String.raw`(?<head>\basync\s+function\s+(?<record>ID)\( \{ name(?:: (?<name>ID))?, attributes(?:: (?<attributes>ID))?, fn(?:: (?<fn>ID))? \} \) \{) `,
		String.raw`(?=if \( (?<otel>ID) === null \) (?:\{ )?return\s+ID\(ID\);(?: \})?`,
		String.raw` (?:const|let) \{ SpanStatusCode(?:: ID)?, tracer(?:: ID)? \} = await\s+\k<otel>;`,
		// what it makes of errors, which it tells apart by their classes
		String.raw`[^]{0,200}?(?<error>ID)\s+instanceof\s+(?<http>ID)[^]{0,700}?\b\k<error>\s+instanceof\s+(?<redirect>ID))`
	),
	to: ({ head, record, name = 'name', attributes = 'attributes', fn = 'fn', http, redirect }) =>
		`${head} if (${RUNTIME}?.recordSpans) return (${record}.ours ??= ${RUNTIME}.recordSpans({ isHttpError: (error) => error instanceof ${http}, isRedirect: (error) => error instanceof ${redirect} }))({ name: ${name}, attributes: ${attributes}, fn: ${fn} }); `
};

/** SvelteKit's `propagate_context`, which every request goes through, also one that the app makes to itself. */
const PROPAGATE_CONTEXT: Rewrite = {
	pattern: emitted(
		String.raw`(?<head>\basync \( (?<req>ID), \.\.\.(?<rest>ID) \) => \{) `,
		String.raw`(?=if \( (?<otel>ID) === null \) (?:\{ )?return\s+(?<respond>ID)\(\k<req>, \.\.\.\k<rest>\);(?: \})?`,
		String.raw` (?:const|let) \{ propagation(?:: ID)?, context(?:: ID)? \} = await\s+\k<otel>`,
		String.raw` (?:,|; (?:const|let)\s) ID = ID\.extract\( ID\.active\(\), Object\.fromEntries\(\k<req>\.headers\) \))`
	),
	to: ({ head, req, rest, respond }) =>
		`${head} if (${RUNTIME}?.reach) return ${RUNTIME}.reach(${respond}, ${req}, ...${rest}); `
};

/** Both places. */
export const LEAN_SPANS: readonly Rewrite[] = [RECORD_SPAN, PROPAGATE_CONTEXT];
