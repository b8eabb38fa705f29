import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The server's modules and their code. */
export type Modules = Map<string, string>;

/** A place in SvelteKit's output, and its replacement. */
export interface Rewrite {
	/** Exactly the code that SvelteKit emits. Global, because all matches are counted. */
	pattern: RegExp;
	/** Makes the replacement from the pattern's named groups and the file of the module. */
	to(groups: Record<string, string>, file: string): string;
	/** Whether any number of matches is valid, including none. */
	isAnywhere?: true;
}

/**
 * A pattern of code as bundlers and minifiers emit it.
 *
 * @param parts the pattern's source: a blank matches optional whitespace, `ID` an identifier, `Q` a
 * quotation mark
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
 * @param files the modules, relative to it
 * @param rewrites the places to change
 * @returns whether the files were changed: they stay unchanged unless each place matches as often as
 * required
 */
export function rewriteFiles(out: string, files: readonly string[], rewrites: readonly Rewrite[]): boolean {
	const modules: Modules = new Map(files.map((file) => [file, readFileSync(path.join(out, file), 'utf8')]));
	const rewritten = rewriteModules(modules, rewrites);
	for (const [file, code] of rewritten ?? []) writeFileSync(path.join(out, file), code);
	return rewritten !== undefined;
}

/**
 * Returns the changed modules with their new code; none unless each place matches as often as required.
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
