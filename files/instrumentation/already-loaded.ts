import { createRequire } from 'node:module';
import type { Instrumentation } from '../types/server-instrumentation.d.ts';
import { patchingPartsOf } from './base-class.ts';

/** The CommonJS files that have been loaded so far. Node has no such list for ES modules. */
export const loadedFiles = (): string[] =>
	Object.keys(createRequire(import.meta.url).cache)
		.filter((file) => !file.endsWith('.json'))
		.map((file) => file.replaceAll('\\', '/'));

/**
 * Finds the libraries of instrumentations that started too late: they had been loaded before, for example by a
 * custom server that imports its libraries first.
 *
 * @param instrumentations that have been started
 * @param files that had been loaded before them
 * @returns the libraries of each that cannot patch them, and no entry for one that can
 */
export function findAlreadyLoaded(
	instrumentations: readonly Instrumentation[],
	files: readonly string[]
): Map<Instrumentation, string[]> {
	return new Map(
		instrumentations
			.map((each): [Instrumentation, string[]] => [each, alreadyLoadedBy(each, files)])
			.filter(([, libraries]) => libraries.length > 0)
	);
}

function alreadyLoadedBy(instrumentation: Instrumentation, files: readonly string[]): string[] {
	return patchingPartsOf(instrumentation)
		.flatMap(({ _modules }) => _modules)
		.filter(
			({ name, moduleExports }) =>
				!moduleExports && files.some((file) => file.includes(['', 'node_modules', name, ''].join('/')))
		)
		.map(({ name }) => name);
}
