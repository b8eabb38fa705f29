import { type Kit2, isTracingCompiledIn, neededFlags } from '../kit/kit-2.ts';
import type { OptionsPlace } from '../project/options-place.ts';

/** What to do about SvelteKit 2's tracing, in the form that each file has. */
const FORMS = {
	vite: { lines: ['sveltekit({', '})'], key: (flag: string) => `experimental.${flag}.server of sveltekit()` },
	svelte: { lines: ['kit: {', '}'], key: (flag: string) => `kit.experimental.${flag}.server` }
} as const;

/**
 * What to say when SvelteKit 2 was told not to compile its tracing in, without which there is nothing to
 * trace a request by.
 *
 * @param kit SvelteKit 2 with its options
 * @param place where they are
 */
export function checkTracingFlag(kit: Kit2, place: OptionsPlace): string | undefined {
	return isTracingCompiledIn(kit) ? undefined : explainMissingFlag(kit.version, 'this build', place);
}

/**
 * The lines that are to be added.
 *
 * @param version of SvelteKit 2
 * @param what cannot trace requests
 * @param place where the options are
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
 * The same in a few words, for the server of such a build.
 *
 * @param kit SvelteKit 2 with its options
 * @param place where they are
 */
export function describeMissingFlag(kit: Kit2, { file, kind }: OptionsPlace): string | undefined {
	if (isTracingCompiledIn(kit)) return undefined;
	return `Set ${neededFlags(kit.version).map(FORMS[kind].key).join(' and ')} in ${file}, and build again`;
}
