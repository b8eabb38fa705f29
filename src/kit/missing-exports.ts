import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { parse } from '../libraries/es-module-lexer.ts';

/**
 * Finds what a module does not export, neither itself nor with `export * from`.
 *
 * @param file the module's absolute path
 * @param names the exports to look for
 * @param parseModule the lexer's, which must be initialized
 * @throws if names are missing, and a module that may have them cannot be resolved, read or parsed
 */
export function findMissingExports(
	file: string,
	names: readonly string[],
	parseModule: typeof parse
): readonly string[] {
	const missing = new Set(names);
	// modules may re-export each other
	const seen = new Set<string>();
	const failures: unknown[] = [];

	const search = (module: string): void => {
		if (seen.has(module)) return;
		seen.add(module);
		const [, exports] = parseModule(readFileSync(module, 'utf8'));
		for (const each of exports) if ('name' in each) missing.delete(each.name);
		for (const each of exports) {
			if (missing.size === 0) return;
			if (each.type !== 'reexport-all') continue;
			try {
				// also resolves `#internal`, by the `imports` of the package
				search(createRequire(module).resolve(each.from));
			} catch (error) {
				// such as a module of Node, or a package that cannot be required: another one may have the names
				failures.push(error);
			}
		}
	};

	search(file);
	if (missing.size > 0 && failures.length > 0) throw failures[0];
	return [...missing];
}
