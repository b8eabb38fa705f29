import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The modules of a server with their code. */
export type Modules = Map<string, string>;

/** A place in what SvelteKit emitted, and what is to stand there. */
export interface Rewrite {
	/** Exactly what SvelteKit is known to emit; global, for all places are counted. */
	pattern: RegExp;
	/** What takes its place, by the named groups of the pattern and the module that it is in. */
	to(groups: Record<string, string>, file: string): string;
	/** Whether it may be there any number of times, or not at all. */
	isAnywhere?: true;
}

/**
 * A pattern of code as bundlers and minifiers emit it.
 *
 * @param parts its source: a blank is any space or none, `ID` an identifier, `Q` a quotation mark
 */
export const emitted = (...parts: readonly string[]): RegExp =>
	new RegExp(
		parts.join('').replaceAll(' ', '\\s*').replaceAll('ID', '[\\w$]+').replaceAll('Q', '["\'`]'),
		'g'
	);

/**
 * Changes modules that SvelteKit emitted.
 *
 * @param out adapter-node's output
 * @param files its modules, relative to it
 * @param rewrites the places
 * @returns whether it was done: the files stay as they were unless each place is there, as often as it has to be
 */
export function rewriteFiles(out: string, files: readonly string[], rewrites: readonly Rewrite[]): boolean {
	const modules: Modules = new Map(files.map((file) => [file, readFileSync(path.join(out, file), 'utf8')]));
	const rewritten = rewriteModules(modules, rewrites);
	for (const [file, code] of rewritten ?? []) writeFileSync(path.join(out, file), code);
	return rewritten !== undefined;
}

/**
 * The modules that change, with their new code; none at all unless each place is there, as often as it has to be.
 *
 * @internal
 */
export function rewriteModules(modules: Modules, rewrites: readonly Rewrite[]): Modules | undefined {
	const changed: Modules = new Map();
	for (const { pattern, to, isAnywhere } of rewrites) {
		let places = 0;
		for (const file of modules.keys()) {
			const code = changed.get(file) ?? modules.get(file)!;
			const rewritten = code.replace(pattern, (...args) => {
				places++;
				return to(args.at(-1) as Record<string, string>, file);
			});
			if (rewritten !== code) changed.set(file, rewritten);
		}
		if (places !== 1 && !isAnywhere) return undefined;
	}
	return changed;
}
