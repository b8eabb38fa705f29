import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The directory of a package, found in the same way as Node does, regardless of its `exports`.
 *
 * @param name the package
 * @param from the directory to start from, by default the one that this file is emitted to
 */
export function findPackage(
	name: string,
	from: string = fileURLToPath(new URL('.', import.meta.url))
): string | undefined {
	for (const modules of createRequire(join(from, 'package.json')).resolve.paths(name) ?? []) {
		const directory = join(modules, name);
		// a package's own dependencies are resolved from its real path
		if (existsSync(join(directory, 'package.json'))) return realpathSync(directory);
	}
	return undefined;
}

/** The package that depends on all of OpenTelemetry's instrumentations. Not every package manager hoists them. */
const ALL = '@opentelemetry/auto-instrumentations-node';

/** The directory of an instrumentation package: installed by the app, or as a dependency of the package above. */
export const findInstrumentation = (name: string): string | undefined => {
	const all = findPackage(ALL);
	return findPackage(name) ?? (all && findPackage(name, all));
};
