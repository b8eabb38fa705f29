import type { Builder } from '@sveltejs/kit';
import type { InstalledPackage } from '../project/project.ts';
import { bringInstrumentations } from './bring.ts';
import { describeBundled, findBundled, sourcesOf } from './bundled.ts';
import { NOTHING, describeCopied } from './copied.ts';
import type { Libraries } from './libraries.ts';
import type { Outside } from './outside.ts';

/**
 * Brings into the output what its instrumentations need, and says what is instrumented and what is not.
 *
 * @param libraries of the app
 * @param outside SvelteKit 3: those that are not bundled
 * @param out adapter-node's output
 * @param modules of the server, relative to it
 * @returns the packages that the output contains
 */
export async function emitLibraries(
	builder: Builder,
	{ instrumentations, messages }: Libraries,
	outside: Outside | undefined,
	out: string,
	modules: readonly string[]
): Promise<InstalledPackage[]> {
	for (const { name, libraries, unsupported } of instrumentations) {
		if (unsupported.length > 0) continue;
		// SvelteKit 2 keeps minor things to itself
		builder.log(`Instrumenting with ${name}${libraries.length > 0 ? `: ${libraries.join(', ')}` : ''}`);
	}
	const all = [outside?.copied ?? NOTHING, await bringInstrumentations(instrumentations, out)];
	for (const copied of all) if (copied.files > 0) builder.log.minor(describeCopied(copied));

	const bundled = outside?.bundled ?? findBundled(instrumentations, sourcesOf(out, modules));
	const warnings = [
		...messages,
		...all.flatMap(({ problem }) => problem ?? []),
		...describeBundled(instrumentations, bundled)
	];
	for (const warning of warnings) builder.log.warn(`adapter-node-otel: ${warning}`);
	return all.flatMap(({ packages }) => packages);
}
