import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** License files must be copied with the package. */
export const licencesOf = (directory: string): string[] =>
	readdirSync(directory)
		.filter((file) => /^(?:licen[cs]e|copying|notice)\b/i.test(file))
		.map((file) => path.join(directory, file));

/**
 * Finds the WebAssembly that code of Emscripten loads from beside it (`sql.js`): `name.wasm` of `name.js`. A tracer
 * does not follow the path, which the code computes.
 *
 * @param files the files of a package that are copied
 */
export function findWasm(files: readonly string[]): string[] {
	const code = files.filter((file) => /\.[cm]?js$/.test(file));
	// a package may have the same code as `name.js` and `name.cjs`
	const candidates = new Set(code.map((file) => file.replace(/\.[cm]?js$/, '.wasm')));
	return [...candidates].filter((file) => !files.includes(file) && existsSync(file));
}
