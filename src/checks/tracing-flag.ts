import { type Kit2, decidingFlag, isTracingCompiledIn } from '../kit/kit-2.ts';

/**
 * What to say when SvelteKit 2 was told not to compile its tracing in, without which there is nothing to
 * trace a request by.
 */
export function checkTracingFlag(kit: Kit2): string | undefined {
	if (isTracingCompiledIn(kit)) return undefined;

	const flags = new Set(['tracing', decidingFlag(kit)]);
	return [
		`SvelteKit ${kit.version} leaves its tracing out, so this build cannot trace requests. Add to svelte.config.js:`,
		'',
		'kit: {',
		'  experimental: {',
		[...flags].map((flag) => `    ${flag}: { server: true }`).join(',\n'),
		'  }',
		'}',
		''
	].join('\n');
}
