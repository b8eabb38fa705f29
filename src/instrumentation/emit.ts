import type { Builder } from '@sveltejs/kit';
import type { InstalledPackage } from '../project/project.ts';
import { bringInstrumentations } from './bring.ts';
import { describeBundled, findBlind, findBundled, sourcesOf } from './bundled.ts';
import { NOTHING, describeCopied } from './copied.ts';
import type { Libraries } from './libraries.ts';
import type { Outside } from './outside.ts';

/**
 * Copies the packages that the instrumentations need into the output, and logs what is and is not
 * instrumented.
 *
 * @param libraries of the app
 * @param outside SvelteKit 3: the externalized libraries
 * @param out adapter-node's output
 * @param modules the server's modules, relative to it
 * @returns the packages that the output contains, and the names of the instrumentations that see no library
 */
export async function emitLibraries(
	builder: Builder,
	{ instrumentations, messages }: Libraries,
	outside: Outside | undefined,
	out: string,
	modules: readonly string[]
): Promise<{ packages: InstalledPackage[]; blind: Set<string> }> {
	const bundled = outside?.bundled ?? findBundled(instrumentations, sourcesOf(out, modules));
	const blind = findBlind(instrumentations, bundled, outside?.copied.names);
	for (const { name, libraries, unsupported } of instrumentations) {
		if (unsupported.length > 0 || blind.has(name)) continue;
		// SvelteKit 2 hides minor messages
		builder.log(`Instrumenting with ${name}${libraries.length > 0 ? `: ${libraries.join(', ')}` : ''}`);
	}
	const all = [outside?.copied ?? NOTHING, await bringInstrumentations(instrumentations, out)];
	for (const copied of all) if (copied.files > 0) builder.log.minor(describeCopied(copied));

	const warnings = [
		...messages,
		...all.flatMap(({ problem }) => problem ?? []),
		...describeBundled(instrumentations, bundled)
	];
	for (const warning of warnings) builder.log.warn(`adapter-node-otel: ${warning}`);
	return { packages: all.flatMap(({ packages }) => packages), blind };
}
