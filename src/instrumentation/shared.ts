import { realpathSync } from 'node:fs';
import { type Manifest, findPackage, readManifest } from '../project/project.ts';
import path from 'node:path';

/** Packages that the build provides or shares in another way. They are never externalized for a library. */
const NEVER = /^(?:svelte|vite|typescript|@opentelemetry\/api|@sveltejs\/.*|@types\/.*)$/;

/**
 * The packages that a package may load, directly or indirectly: its dependencies, its optional
 * dependencies and its peers. If the app imports one of them, it must be the same copy.
 *
 * @param directory the package's directory
 * @returns real directories, including the package's own
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
