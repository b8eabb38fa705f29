import type { Builder } from '@sveltejs/kit';
import { specifierFrom } from '../api/share-api.ts';
import { versionOf } from '../project/project.ts';
import { majorOf } from '../project/version.ts';
import { type Rewrite, emitted } from './rewrite.ts';

/** A project's SvelteKit 2, as far as its tracing is concerned. */
export interface Kit2 {
	version: string;
	/** `kit.experimental` of the configuration. */
	experimental: { tracing?: { server?: boolean }; instrumentation?: { server?: boolean } };
}

/**
 * Tells SvelteKit 2 by its configuration: the later ones have at the top what it has below `kit`. What has
 * not even its experiments is no builder of SvelteKit's: Sentry's Vite plugin runs adapters with one of its
 * own, to see where they write to.
 */
export function asKit2(builder: Builder): Kit2 | undefined {
	const config = builder.config as { paths?: unknown; kit?: { experimental?: Kit2['experimental'] } };
	// SvelteKit 3 still has a `kit`, and complains when it is read
	if (config.paths || !config.kit?.experimental) return undefined;
	return { version: versionOf('@sveltejs/kit') ?? '2', experimental: config.kit.experimental };
}

/** The option that compiles tracing in: before 2.33 it was the other one, by mistake. */
export const decidingFlag = ({ version }: Pick<Kit2, 'version'>): 'tracing' | 'instrumentation' =>
	/^2\.3[12]\./.test(version) ? 'instrumentation' : 'tracing';

/**
 * The flags of `experimental` that a project has to set for its tracing: none on SvelteKit 3.
 *
 * @param version of its SvelteKit
 */
export const neededFlags = (version: string | undefined): string[] =>
	version !== undefined && majorOf(version) === 2 ? [...new Set(['tracing', decidingFlag({ version })])] : [];

/** Whether the server can make SvelteKit's spans. */
export const isTracingCompiledIn = (kit: Kit2): boolean =>
	kit.experimental[decidingFlag(kit)]?.server === true;

/** What `build/otel/register.js` has decided; where it has not run, SvelteKit's tracing is on as compiled. */
const SWITCH = '(globalThis[Symbol.for("adapter-node-otel")]?.enabled ?? true)';

/**
 * SvelteKit 2's `runtime/telemetry/otel.js` with its flag compiled in, as Vite 5 to 8, minified or not, and then
 * adapter-node's Rollup emit it: the tracer comes with the API, and without one SvelteKit makes no spans. The API is a
 * package, a chunk, or a part of a chunk that the app imports it in too.
 */
const TRACER = emitted(
	String.raw`(?<head>(?:\b(?:let|var)\s|,) (?<otel>ID) = null; (?:\{ )?)\k<otel> = import\((?<quote>Q)[^"'${'`'}]+\k<quote>\)`,
	String.raw`(?: \.then\( (?:function ?\( (?<all>ID) \) \{ return\s+\k<all>\.ID ;? \}|\(?(?<part>ID)\)? => \k<part>\.ID) \))?`,
	String.raw`(?<then> \.then\( \(?(?<api>ID)\)? => (?:\{ return|\() \{ tracer: \k<api>\.trace\.getTracer\(QsveltekitQ\),`,
	String.raw` propagation: \k<api>\.propagation, context: \k<api>\.context, SpanStatusCode: \k<api>\.SpanStatusCode`,
	String.raw` \} (?:;? \}|\)) \))`
);

/** `event.tracing` in `runtime/server/respond.js`, likewise. */
const ENABLED = emitted(
	String.raw`(?<head>\btracing: \{ enabled: )(?:true|!0)(?<tail>, root: (?<span>ID), current: \k<span> \})`
);

/**
 * Makes the tracing that SvelteKit 2 has compiled in a matter of the server's environment, as it is on
 * SvelteKit 3: without telemetry no API is loaded, no span is made and `event.tracing.enabled` is false.
 * SvelteKit's spans get their API from `otel/` whatever else was bundled.
 *
 * Only in adapter-node's output: preview and prerendering run what SvelteKit emitted.
 */
export const SWITCH_TRACING: readonly Rewrite[] = [
	{
		pattern: TRACER,
		to: ({ head, otel, then }, file) =>
			`${head}if (${SWITCH}) ${otel} = import(${JSON.stringify(specifierFrom(file))})${then}`
	},
	{ pattern: ENABLED, to: ({ head, tail }) => `${head}${SWITCH}${tail}` }
];
