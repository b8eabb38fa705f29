import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { parse } from '../libraries/es-module-lexer.ts';

/**
 * Finds what a module does not export, neither itself nor with `export * from`.
 *
 * @param file the module's absolute path
 * @param names the exports to look for
 * @param parseModule the lexer's, which must be initialized
 * @throws if a module cannot be read, parsed or resolved
 */
export function findMissingExports(
	file: string,
	names: readonly string[],
	parseModule: typeof parse
): readonly string[] {
	const [, exports] = parseModule(readFileSync(file, 'utf8'));
	const own = new Set(exports.flatMap((each) => ('name' in each ? each.name : [])));
	let missing = names.filter((name) => !own.has(name));
	for (const each of exports) {
		if (missing.length === 0) break;
		if (each.type !== 'reexport-all') continue;
		// also resolves `#internal`, by the `imports` of the package
		const source = createRequire(file).resolve(each.from);
		missing = [...findMissingExports(source, missing, parseModule)];
	}
	return missing;
}
