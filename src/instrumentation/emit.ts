import type { Builder } from '@sveltejs/kit';
import type { InstalledPackage } from '../project/project.ts';
import { copyInstrumentations } from './copy-instrumentations.ts';
import { describeBundled, findIneffective, findBundled, sourcesOf } from './bundled.ts';
import { NOTHING, describeCopied } from './copied.ts';
import type { Libraries } from './libraries.ts';
import type { Externalized } from './externalize.ts';

/**
 * Copies the packages that the instrumentations need into the output, and logs what is and is not
 * instrumented.
 *
 * @param libraries of the app
 * @param externalized SvelteKit 3: the externalized libraries
 * @param out adapter-node's output
 * @param modules the server's modules, relative to it
 * @returns the packages that the output contains, and the names of the instrumentations that see no library
 */
export async function emitLibraries(
	builder: Builder,
	{ instrumentations, messages }: Libraries,
	externalized: Externalized | undefined,
	out: string,
	modules: readonly string[]
): Promise<{ packages: InstalledPackage[]; ineffective: Set<string> }> {
	const bundled = externalized?.bundled ?? findBundled(instrumentations, sourcesOf(out, modules));
	const ineffective = findIneffective(instrumentations, bundled, externalized?.copied.names);
	for (const { name, libraries, unsupported } of instrumentations) {
		if (unsupported.length > 0 || ineffective.has(name)) continue;
		// SvelteKit 2 hides minor messages
		builder.log(`Instrumenting with ${name}${libraries.length > 0 ? `: ${libraries.join(', ')}` : ''}`);
	}
	const all = [externalized?.copied ?? NOTHING, await copyInstrumentations(instrumentations, out)];
	for (const copied of all) if (copied.files > 0) builder.log.minor(describeCopied(copied));

	const warnings = [
		...messages,
		...all.flatMap(({ problem }) => problem ?? []),
		...describeBundled(instrumentations, bundled)
	];
	for (const warning of warnings) builder.log.warn(`adapter-node-otel: ${warning}`);
	return { packages: all.flatMap(({ packages }) => packages), ineffective };
}
