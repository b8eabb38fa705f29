import { ADAPTER_NODE, nearestAdapterNode, nearestKit } from '../project/adapter-node.ts';
import { installCommand } from '../project/package-manager.ts';
import { own } from '../project/project.ts';
import { satisfies } from '../project/version.ts';

/** The versions that a project has installed, as far as they can be found. */
export interface Versions {
	kit: string | undefined;
	adapterNode: string | undefined;
}

const KIT = '@sveltejs/kit';

/**
 * Returns a warning about versions that the end-to-end tests do not cover, with the command that installs
 * supported ones.
 *
 * @param versions of the project
 * @param from the directory of the app
 */
export function checkVersions({ kit, adapterNode }: Versions, from?: string): string | undefined {
	const unsupported = [
		{ name: KIT, version: kit, supported: nearestKit(kit) },
		{ name: ADAPTER_NODE, version: adapterNode, supported: nearestAdapterNode(kit) }
	].filter(({ name, version }) => version !== undefined && !satisfies(version, rangeOf(name)));
	if (unsupported.length === 0) return undefined;

	const found = unsupported.map(({ name, version }) => `${name} ${version} (expected ${rangeOf(name)})`);
	const packages = unsupported.map(({ name, supported }) => `${name}@${supported}`);
	const command = installCommand(packages, { dev: true, ...(from && { from }) });
	return `${found.join(' and ')} ${found.length === 1 ? 'is' : 'are'} not supported: requests may stay untraced. Install a supported version: ${command}`;
}

const rangeOf = (name: string): string => own.peerDependencies![name]!;
