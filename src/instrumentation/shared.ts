import { realpathSync } from 'node:fs';
import { type Manifest, findPackage, readManifest } from '../project/project.ts';
import path from 'node:path';

/** What the build brings itself, or shares otherwise: never outside of the bundle for a library. */
const NEVER = /^(?:svelte|vite|typescript|@opentelemetry\/api|@sveltejs\/.*|@types\/.*)$/;

/**
 * The packages that a package may load, with those that they may load: its dependencies, also the optional
 * ones, and its peers. What of them the app imports itself has to be the same copy.
 *
 * @param directory of the package
 * @returns real directories, the package's own among them
 */
export function packagesBelow(directory: string): Set<string> {
	const found = new Set<string>();
	const add = (each: string): void => {
		if (found.has(each)) return;
		found.add(each);
		for (const name of dependenciesOf(readManifest(path.join(each, 'package.json')))) {
			const dependency = NEVER.test(name) ? undefined : findPackage(name, each);
			if (dependency) add(realpathSync(dependency.directory));
		}
	};
	add(directory);
	return found;
}

const dependenciesOf = ({ dependencies, optionalDependencies, peerDependencies }: Manifest): string[] =>
	Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
