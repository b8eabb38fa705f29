import { realpathSync } from 'node:fs';
// a namespace import, because other runtimes do not have the function
import * as module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { AllInstrumentations } from '../types/package-names.d.ts';

/**
 * The directory of a package, found by Node, regardless of the package's `exports`.
 *
 * @param name the package
 * @param from the directory to start from, by default the one that this file is emitted to
 */
export function findPackage(
	name: string,
	from: string = fileURLToPath(new URL('.', import.meta.url))
): string | undefined {
	try {
		const file = module.findPackageJSON?.(name, pathToFileURL(join(from, 'package.json')));
		// a package's own dependencies are resolved from its real path
		return file && realpathSync(dirname(file));
	} catch {
		return undefined;
	}
}

const ALL: AllInstrumentations = '@opentelemetry/auto-instrumentations-node';

/** The directory of an instrumentation package: installed by the app, or as a dependency of the package above. */
export const findInstrumentation = (name: string): string | undefined => {
	const all = findPackage(ALL);
	return findPackage(name) ?? (all && findPackage(name, all));
};
