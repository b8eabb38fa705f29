import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The directory of a package, found the way Node finds it, whatever its `exports` are.
 *
 * @param name the package
 * @param from a directory, by default the one that this file is emitted to
 */
export function findPackage(
	name: string,
	from: string = fileURLToPath(new URL('.', import.meta.url))
): string | undefined {
	for (const modules of createRequire(join(from, 'package.json')).resolve.paths(name) ?? []) {
		const directory = join(modules, name);
		// where a package really is, its own dependencies are found from
		if (existsSync(join(directory, 'package.json'))) return realpathSync(directory);
	}
	return undefined;
}

/** The package that brings all of OpenTelemetry's instrumentations, which not every package manager hoists. */
const ALL = '@opentelemetry/auto-instrumentations-node';

/** The directory of an instrumentation package: the app's own, or one that came with all the others. */
export const findInstrumentation = (name: string): string | undefined => {
	const all = findPackage(ALL);
	return findPackage(name) ?? (all && findPackage(name, all));
};
