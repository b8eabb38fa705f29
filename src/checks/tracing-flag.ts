import { type Kit2, isTracingCompiledIn, neededFlags } from '../kit/kit-2.ts';
import type { OptionsPlace } from '../project/options-place.ts';

/** How to turn on SvelteKit 2's tracing, in the form of each configuration file. */
const FORMS = {
	vite: { lines: ['sveltekit({', '})'], key: (flag: string) => `experimental.${flag}.server of sveltekit()` },
	svelte: { lines: ['kit: {', '}'], key: (flag: string) => `kit.experimental.${flag}.server` }
} as const;

/**
 * Returns a warning if SvelteKit 2 is configured not to compile its tracing. Requests cannot be traced
 * without it.
 *
 * @param kit SvelteKit 2 and its options
 * @param place the file with the options
 */
export function checkTracingFlag(kit: Kit2, place: OptionsPlace): string | undefined {
	return isTracingCompiledIn(kit) ? undefined : explainMissingFlag(kit.version, 'this build', place);
}

/**
 * Returns the lines to add to the configuration.
 *
 * @param version of SvelteKit 2
 * @param what cannot trace requests
 * @param place the file with the options
 */
export function explainMissingFlag(version: string, what: string, { file, kind }: OptionsPlace): string {
	const [open, close] = FORMS[kind].lines;
	return [
		`SvelteKit ${version} leaves its tracing out, so ${what} cannot trace requests. Add to ${file}:`,
		'',
		open,
		'  experimental: {',
		neededFlags(version)
			.map((flag) => `    ${flag}: { server: true }`)
			.join(',\n'),
		'  }',
		close,
		''
	].join('\n');
}

/**
 * A short form of the same message, for the server of such a build.
 *
 * @param kit SvelteKit 2 and its options
 * @param place the file with the options
 */
export function describeMissingFlag(kit: Kit2, { file, kind }: OptionsPlace): string | undefined {
	if (isTracingCompiledIn(kit)) return undefined;
	return `Set ${neededFlags(kit.version).map(FORMS[kind].key).join(' and ')} in ${file}, and build again`;
}
