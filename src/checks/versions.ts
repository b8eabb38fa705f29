import { own } from '../project/project.ts';
import { satisfies } from '../project/version.ts';

/** The versions that a project has installed, as far as they can be found. */
export interface Versions {
	kit: string | undefined;
	adapterNode: string | undefined;
}

/** Returns warnings about versions that the end-to-end tests do not cover. */
export function checkVersions({ kit, adapterNode }: Versions): string[] {
	const installed = { '@sveltejs/kit': kit, '@sveltejs/adapter-node': adapterNode };
	return Object.entries(installed).flatMap(([name, version]) => {
		const range = own.peerDependencies![name]!;
		if (version === undefined || satisfies(version, range)) return [];
		return `${name} ${version} is not supported (expected ${range}): requests may stay untraced. Install a supported version`;
	});
}
