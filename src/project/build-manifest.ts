import path from 'node:path';
import type { BuildManifest, FoundInstrumentation } from '../../files/types/build-manifest.d.ts';
import { own, readManifest } from './project.ts';

/** The facts that are not read from package.json of the app or of this package. */
type Known = Omit<BuildManifest, 'app' | 'distro' | 'instrumentations'> & {
	/** These may have more properties, which only the build uses. */
	instrumentations: readonly FoundInstrumentation[];
};

/**
 * Collects what the run-time code needs to know about the app.
 *
 * @param known the facts that the caller has
 * @param root the app's directory
 */
export function createBuildManifest(known: Known, root: string = process.cwd()): BuildManifest {
	const { name, version } = readManifest(path.join(root, 'package.json'));
	return {
		...known,
		app: { ...(name && { name }), ...(version && { version }) },
		distro: { name: own.name!, version: own.version! },
		instrumentations: known.instrumentations.map((each) => ({
			name: each.name,
			specifier: each.specifier,
			...(each.isOptIn && { isOptIn: each.isOptIn }),
			...(each.unsupported?.length && { unsupported: each.unsupported }),
			...(each.isBundled && { isBundled: true })
		}))
	};
}
