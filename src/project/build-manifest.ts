import path from 'node:path';
import type { BuildManifest, FoundInstrumentation } from '../../files/types/build-manifest.d.ts';
import { own, readManifest } from './project.ts';

/** What is not read from the package.json of the app and of this package. */
type Known = Omit<BuildManifest, 'app' | 'distro' | 'instrumentations'> & {
	/** They may say more, which is for the build alone. */
	instrumentations: readonly FoundInstrumentation[];
};

/**
 * What the run-time half is told about the app.
 *
 * @param known by the caller
 * @param root the directory of the app
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
			...(each.unsupported?.length && { unsupported: each.unsupported })
		}))
	};
}
