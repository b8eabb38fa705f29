import { own } from '../project/project.ts';
import { majorOf, satisfies } from '../project/version.ts';

/** The versions that a project has installed, as far as they can be found. */
export interface Versions {
	kit: string | undefined;
	adapterNode: string | undefined;
}

/** The adapter-node for each SvelteKit. */
const PAIRS: Record<number, number> = { 2: 5, 3: 6 };

/**
 * Whether SvelteKit and adapter-node belong together: one does not know what the other asks of it.
 *
 * @throws {Error} when they do not: nothing could be built
 */
export function requirePair({ kit, adapterNode }: Versions): void {
	if (kit === undefined || adapterNode === undefined) return;
	const fitting = PAIRS[majorOf(kit)];
	if (fitting === undefined || fitting === majorOf(adapterNode)) return;
	throw new Error(
		`adapter-node-otel: @sveltejs/adapter-node ${adapterNode} does not work with SvelteKit ${kit}. Install @sveltejs/adapter-node@^${fitting}`
	);
}

/** What to say about versions that the end-to-end tests do not cover. */
export function checkVersions({ kit, adapterNode }: Versions): string[] {
	const installed = { '@sveltejs/kit': kit, '@sveltejs/adapter-node': adapterNode };
	return Object.entries(installed).flatMap(([name, version]) => {
		const range = own.peerDependencies![name]!;
		if (version === undefined || satisfies(version, range)) return [];
		return `${name} ${version} is not supported (expected ${range}): requests may stay untraced. Install a supported version`;
	});
}
