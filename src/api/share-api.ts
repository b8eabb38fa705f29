import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { init, parse } from '../libraries/es-module-lexer.ts';
import { toPosix } from '../kit/builder.ts';

/** The package whose state the SDK and the app must share. */
export const API = '@opentelemetry/api';

/** The copy that our SDK registers with, in the output. */
const SHARED_API = 'otel/api.js';

/** The module in the output that loads the app's own copy. */
export const OWN_API = 'otel/own-api.js';

/**
 * Points the imports of `@opentelemetry/api` in the emitted server at the copy in `otel/`, so that the
 * output needs no `node_modules` for it, and the app reads what our SDK has registered.
 *
 * @param out adapter-node's output
 * @param files the emitted modules, relative to `out`
 * @param own the modules that import the app's own copy instead: see `placeOwnApi`
 */
export async function shareApi(
	out: string,
	files: readonly string[],
	own: ReadonlySet<string> = new Set()
): Promise<void> {
	await init;
	for (const file of files) {
		const absolute = path.join(out, file);
		const code = readFileSync(absolute, 'utf8');
		if (!code.includes(API)) continue;

		const shared = pointAt(code, specifierFrom(file, own.has(toPosix(file)) ? OWN_API : SHARED_API));
		if (shared !== code) writeFileSync(absolute, shared);
	}
}

/**
 * The specifier of the shared copy, relative to a module of the output.
 *
 * @param target another module of the output
 */
export function specifierFrom(file: string, target: string = SHARED_API): string {
	const relative = path.posix.relative(path.posix.dirname(toPosix(file)), target);
	return relative.startsWith('.') ? relative : `./${relative}`;
}

/** Changes the specifier of a module's imports of the API. The positions come from a real lexer. */
export function pointAt(code: string, specifier: string): string {
	let result = '';
	let done = 0;
	for (const { specifier: from, start, end, type } of parse(code)[0]) {
		if (from !== API) continue;
		// a dynamic import's range includes its quotes, a static one's does not
		const quote = type === 'dynamic' ? 1 : 0;
		result += code.slice(done, start + quote) + specifier;
		done = end - quote;
	}
	return result + code.slice(done);
}
