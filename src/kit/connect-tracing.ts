import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkOutput, checkWrappers, suggestTested } from '../checks/output.ts';
import { versionOf } from '../project/project.ts';
import { OLDEST_KIT, newestTested } from '../project/tested-versions.ts';
import type { WrappedModules } from './wrappers.ts';
import { type Kit2, SWITCH_TRACING, isTracingCompiledIn } from './kit-2.ts';
import { LEAN_SPANS } from './lean-spans.ts';
import { rewriteFiles } from './rewrite.ts';
import { NOTE_REMOTE_FUNCTIONS } from './remote-functions.ts';
import { REMOTE_CALLS, RENDERING_AND_ERRORS } from './wrap-functions.ts';

/** The server that was built. */
interface Server {
	/** adapter-node's output. */
	out: string;
	/** The modules, relative to it. */
	modules: readonly string[];
	/** The project's SvelteKit, if it is version 2. */
	kit2: Kit2 | undefined;
	/** SvelteKit 3: our modules in the server. */
	wrapped: WrappedModules | undefined;
}

/**
 * Connects SvelteKit 2's tracing to ours, and checks that it is complete. SvelteKit 3's is already
 * connected.
 *
 * @returns warnings for the user
 */
export function connectTracing({ out, modules, kit2, wrapped }: Server): string[] {
	// the user gets the warning about this flag instead
	if (kit2 && !isTracingCompiledIn(kit2)) return [];

	const messages = kit2 ? rewriteKit2(out, modules, kit2) : [];
	const codes = modules.map((file) => readFileSync(path.join(out, file), 'utf8'));
	const missing = checkOutput({
		generation: kit2 ? 2 : 3,
		version: kit2?.version ?? versionOf('@sveltejs/kit') ?? '3',
		codes: [...codes, ...(wrapped?.externalCode() ?? [])],
		missing: wrapped?.missing() ?? [],
		isWrapped: wrapped?.makesSpans() ?? false
	});
	const bypassed = checkWrappers(wrapped?.bypassed() ?? []);
	return [...messages, missing, bypassed].filter((message) => message !== undefined);
}

/**
 * Adds the switch, cheaper spans, and spans that SvelteKit lacks. Each requires an exact match, or is not
 * applied.
 */
function rewriteKit2(out: string, modules: readonly string[], { version }: Kit2): string[] {
	const rewrites = [
		[SWITCH_TRACING, 'the switch of its tracing', 'the tracing costs a little even without telemetry'],
		[LEAN_SPANS, 'the function that makes spans', 'a request that is not sampled costs a little more'],
		[
			RENDERING_AND_ERRORS,
			'the functions that render pages and handle errors',
			'rendering has no span, and errors that SvelteKit catches itself are not recorded'
		]
	] as const;
	// many apps have none
	rewriteFiles(out, modules, [NOTE_REMOTE_FUNCTIONS, REMOTE_CALLS]);
	return rewrites.flatMap(([places, what, cost]) =>
		rewriteFiles(out, modules, places)
			? []
			: [
					`the server that SvelteKit ${version} has built does not contain ${what} in the form of SvelteKit ${OLDEST_KIT} to ${newestTested(version).kit}. Nothing is changed there: ${cost}. ${suggestTested(version)}`
				]
	);
}
