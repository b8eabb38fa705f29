import { RUNTIME } from './globals.ts';
import { type Rewrite, emitted } from './rewrite.ts';

/*
 * Most of the cost of tracing in SvelteKit 2 is work for each span before it calls a tracer. Two places in
 * its output are changed to call our code. On SvelteKit 3 wrapper modules do the same (`files/wrappers`).
 */

/** SvelteKit's `record_span`, which makes all its spans. */
const RECORD_SPAN: Rewrite = {
	pattern: emitted(
		String.raw`(?<head>\basync\s+function\s+(?<record>ID)\( \{ name(?:: (?<name>ID))?, attributes(?:: (?<attributes>ID))?, fn(?:: (?<fn>ID))? \} \) \{) `,
		String.raw`(?=if \( (?<otel>ID) === null \) (?:\{ )?return\s+ID\(ID\);(?: \})?`,
		String.raw` (?:const|let) \{ SpanStatusCode(?:: ID)?, tracer(?:: ID)? \} = await\s+\k<otel>;`,
		// its error handling, which checks the classes of errors
		String.raw`[^]{0,200}?(?<error>ID)\s+instanceof\s+(?<http>ID)[^]{0,700}?\b\k<error>\s+instanceof\s+(?<redirect>ID))`
	),
	to: ({ head, record, name = 'name', attributes = 'attributes', fn = 'fn', http, redirect }) =>
		`${head} if (${RUNTIME}?.recordSpans) return (${record}.ours ??= ${RUNTIME}.recordSpans({ isHttpError: (error) => error instanceof ${http}, isRedirect: (error) => error instanceof ${redirect} }))({ name: ${name}, attributes: ${attributes}, fn: ${fn} }); `
};

/** SvelteKit's `propagate_context`, which runs for every request, also one that the app makes to itself. */
const PROPAGATE_CONTEXT: Rewrite = {
	pattern: emitted(
		String.raw`(?<head>\basync \( (?<req>ID), \.\.\.(?<rest>ID) \) => \{) `,
		String.raw`(?=if \( (?<otel>ID) === null \) (?:\{ )?return\s+(?<respond>ID)\(\k<req>, \.\.\.\k<rest>\);(?: \})?`,
		String.raw` (?:const|let) \{ propagation(?:: ID)?, context(?:: ID)? \} = await\s+\k<otel>`,
		String.raw` (?:,|; (?:const|let)\s) ID = ID\.extract\( ID\.active\(\), Object\.fromEntries\(\k<req>\.headers\) \))`
	),
	to: ({ head, req, rest, respond }) =>
		`${head} if (${RUNTIME}?.respond) return ${RUNTIME}.respond(${respond}, ${req}, ...${rest}); `
};

/** Both places. */
export const LEAN_SPANS: readonly Rewrite[] = [RECORD_SPAN, PROPAGATE_CONTEXT];
