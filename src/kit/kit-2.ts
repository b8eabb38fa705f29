import type { Builder } from '@sveltejs/kit';
import { specifierFrom } from '../api/share-api.ts';
import { versionOf } from '../project/project.ts';
import { majorOf } from '../project/version.ts';
import { RUNTIME } from './globals.ts';
import { type Rewrite, emitted } from './rewrite.ts';

/** The parts of a project's SvelteKit 2 that concern its tracing. */
export interface Kit2 {
	version: string;
	/** `kit.experimental` of the configuration. */
	experimental: { tracing?: { server?: boolean }; instrumentation?: { server?: boolean } };
}

/**
 * Detects SvelteKit 2 by its configuration: later versions have at the top level what version 2 has below
 * `kit`. A builder without `experimental` is not SvelteKit's: Sentry's Vite plugin runs adapters with its
 * own builder to find their output directory.
 */
export function asKit2(builder: Builder): Kit2 | undefined {
	const config = builder.config as { paths?: unknown; kit?: { experimental?: Kit2['experimental'] } };
	// SvelteKit 3 still has a `kit` property, and logs a warning when it is read
	if (config.paths || !config.kit?.experimental) return undefined;
	return { version: versionOf('@sveltejs/kit') ?? '2', experimental: config.kit.experimental };
}

/** The option that compiles tracing. Before 2.33 it was the other one, by mistake. */
const decidingFlag = ({ version }: Pick<Kit2, 'version'>): 'tracing' | 'instrumentation' =>
	/^2\.3[12]\./.test(version) ? 'instrumentation' : 'tracing';

/**
 * The flags of `experimental` that a project must set for tracing. SvelteKit 3 needs none.
 *
 * @param version the version of SvelteKit
 */
export const neededFlags = (version: string | undefined): string[] =>
	version !== undefined && majorOf(version) === 2 ? [...new Set(['tracing', decidingFlag({ version })])] : [];

/** Whether the server can make SvelteKit's spans. */
export const isTracingCompiledIn = (kit: Kit2): boolean =>
	kit.experimental[decidingFlag(kit)]?.server === true;

/** The decision of `build/otel/register.js`. If it has not run, SvelteKit's tracing is on as compiled. */
const SWITCH = `(${RUNTIME}?.enabled ?? true)`;

/**
 * SvelteKit 2's `runtime/telemetry/otel.js` with its flag on, as emitted by Vite 5 to 8, minified or not,
 * and then by adapter-node's Rollup. The tracer comes with the API; without an API SvelteKit makes no
 * spans. The API is a package, a chunk, or part of a chunk that the app imports too.
 */
const TRACER = emitted(
	String.raw`(?<head>(?:\b(?:let|var)\s|,) (?<otel>ID) = null; (?:\{ )?)\k<otel> = import\((?<quote>Q)[^"'${'`'}]+\k<quote>\)`,
	String.raw`(?: \.then\( (?:function ?\( (?<all>ID) \) \{ return\s+\k<all>\.ID ;? \}|\(?(?<part>ID)\)? => \k<part>\.ID) \))?`,
	String.raw`(?<then> \.then\( \(?(?<api>ID)\)? => (?:\{ return|\() \{ tracer: \k<api>\.trace\.getTracer\(QsveltekitQ\),`,
	String.raw` propagation: \k<api>\.propagation, context: \k<api>\.context, SpanStatusCode: \k<api>\.SpanStatusCode`,
	String.raw` \} (?:;? \}|\)) \))`
);

/** `event.tracing` in `runtime/server/respond.js`, emitted in the same way. */
const ENABLED = emitted(
	String.raw`(?<head>\btracing: \{ enabled: )(?:true|!0)(?<tail>, root: (?<span>ID), current: \k<span> \})`
);

/**
 * Lets the server's environment switch SvelteKit 2's compiled tracing on and off, as on SvelteKit 3.
 * Without telemetry no API is loaded, no span is made and `event.tracing.enabled` is false. SvelteKit's
 * spans use the API from `otel/`, also if the app has bundled another copy.
 *
 * Changes only adapter-node's output: preview and prerendering run SvelteKit's own output.
 */
export const SWITCH_TRACING: readonly Rewrite[] = [
	{
		pattern: TRACER,
		to: ({ head, otel, then }, file) =>
			`${head}if (${SWITCH}) ${otel} = import(${JSON.stringify(specifierFrom(file))})${then}`
	},
	{ pattern: ENABLED, to: ({ head, tail }) => `${head}${SWITCH}${tail}` }
];
