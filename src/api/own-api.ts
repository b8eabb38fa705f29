import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { init, parse } from '../libraries/es-module-lexer.ts';
import type { InstalledPackage } from '../project/project.ts';
import { bundledVersion } from './api-copy.ts';
import { API, OWN_API } from './share-api.ts';

/**
 * Lets the app's `instrumentation.server` file import the app's own copy of the API, if its version
 * differs from the one in `otel/`. An SDK in `node_modules` imports that copy too. It cannot register
 * anything after another version has registered something, such as a logger:
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts
 *
 * @param out adapter-node's output
 * @param file the app's file, relative to it
 * @param installed the app's own copy, if it has one
 * @returns the modules that import it: the app's file, and the modules that this file imports
 */
export async function placeOwnApi(
	out: string,
	file: string,
	installed: InstalledPackage | undefined
): Promise<ReadonlySet<string>> {
	await init;
	const shared = readFileSync(path.join(out, 'otel/api.js'), 'utf8');
	if (!installed || installed.manifest.version === bundledVersion(shared)) return new Set();

	writeFileSync(
		path.join(out, OWN_API),
		ownApi(parse(shared)[1].flatMap((each) => (each.type === 'reexport-all' ? [] : [each.name])))
	);
	return modulesFrom(out, file);
}

/** The output may be moved to a place without the app's copy. Then the copy in `otel/` is used. */
function ownApi(names: readonly string[]): string {
	return [
		`const api = await import('${API}').catch(() => import('./api.js'));`,
		`export default api.default;`,
		`export const { ${names.filter((name) => name !== 'default').join(', ')} } = api;`,
		''
	].join('\n');
}

/** A module of the output and all that it imports there, with forward slashes. */
function modulesFrom(out: string, file: string): ReadonlySet<string> {
	const found = new Set<string>([file]);
	for (const module of found) {
		const absolute = path.join(out, module);
		if (!existsSync(absolute)) continue;
		for (const { specifier } of parse(readFileSync(absolute, 'utf8'))[0]) {
			if (specifier?.startsWith('.')) found.add(path.posix.join(path.posix.dirname(module), specifier));
		}
	}
	return found;
}
