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
 * Checks an instrumentation that hooks no module, but imports its library (a peer) and patches it. It patches the
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
	const { peerDependencies = {} } = readManifest(path.join(directory, 'package.json'));
	const libraries = Object.keys(peerDependencies).filter(
		(peer) => !peer.startsWith('@opentelemetry/') && findPackage(peer, from)
	);
	const packages = [...libraries, name].filter((each) => !(each in dependencies));
	return libraries.length > 0 && packages.length > 0 ? { libraries, packages } : undefined;
}

/** A message about such an instrumentation, with the remedy. */
export const describeMisplaced = (name: string, { libraries, packages }: Misplaced): string =>
	`${name} imports ${libraries.join(', ')} itself, and would patch another copy than the server's: it is left out. Move ${packages.join(' and ')} to dependencies`;
