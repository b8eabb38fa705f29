import { type Manifest, findPackage, readManifest } from '../project/project.ts';
import type { Candidate } from './find.ts';
import type { Inspection } from './inspect.ts';
import path from 'node:path';

/** An instrumentation that would patch another copy of its libraries than the one that the server uses. */
export interface Misplaced {
	/** The libraries that it imports. */
	libraries: string[];
	/** The packages that must be in `dependencies`, and are not. */
	packages: string[];
}

/**
 * Checks an instrumentation that hooks no module, but imports its library and patches it. A peer that must be
 * installed is taken for the library, because what code imports cannot be read from its package. It patches the
 * server's copy only if both are in `dependencies`: all else is bundled, or copied with what it needs.
 *
 * @param candidate the instrumentation
 * @param inspection what it patches
 * @param app its package.json
 * @param from the directory of the app
 * @returns nothing for any other instrumentation
 */
export function findMisplaced(
	{ name, directory }: Candidate,
	{ modules, isEmpty, error }: Inspection,
	{ dependencies = {} }: Manifest,
	from: string
): Misplaced | undefined {
	if (modules.length > 0 || isEmpty || error) return undefined;
	const manifest = readManifest(path.join(directory, 'package.json'));
	const { peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
	const libraries = Object.keys(peerDependencies).filter(
		(peer) =>
			!peer.startsWith('@opentelemetry/') && !peerDependenciesMeta[peer]?.optional && findPackage(peer, from)
	);
	const packages = [...libraries, name].filter((each) => !(each in dependencies));
	return libraries.length > 0 && packages.length > 0 ? { libraries, packages } : undefined;
}

/** A message about such an instrumentation, with the remedy. */
export const describeMisplaced = (name: string, { libraries, packages }: Misplaced): string =>
	`${name} hooks no module, so it would patch another copy of ${libraries.join(', ')} than the server's: it is left out. Move ${packages.join(' and ')} to dependencies, unless it is for browsers`;
