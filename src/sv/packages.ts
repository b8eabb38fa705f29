import { transforms } from '../libraries/sv-utils.ts';
import { ADAPTER_NODE, fittingAdapterNode } from '../project/adapter-node.ts';
import { API } from '../api/share-api.ts';
import { own } from '../project/project.ts';
import { majorOf } from '../project/version.ts';

/** A package that `sv create` adds to every project, and that is no longer imported. */
export const ADAPTER_AUTO = '@sveltejs/adapter-auto';

/**
 * The packages that the project lacks, with the version range of each. `sv` does not add the package of an
 * add-on itself, and not every package manager installs peer dependencies.
 *
 * @param kit the version of SvelteKit
 * @param dependencyVersion returns the version of a package that the project lists: installed, else listed
 */
export function wantedPackages(
	kit: string | undefined,
	dependencyVersion: (name: string) => string | undefined
): [name: string, range: string][] {
	const fitting = fittingAdapterNode(kit);
	const isThere = dependencyVersion(ADAPTER_NODE);
	const wanted: [name: string, range: string][] = [];
	if (!dependencyVersion(own.name!)) wanted.push([own.name!, `^${own.version}`]);
	// `catalog:` and tags say no version
	const isOther = !!isThere && /^\d/.test(isThere) && !!fitting && majorOf(isThere) !== fitting;
	if (!isThere || isOther) wanted.push([ADAPTER_NODE, rangeOf(fitting)]);
	if (!dependencyVersion(API)) wanted.push([API, `^${own.devDependencies![API]}`]);
	return wanted;
}

/** The part of our own peer range for one major version. */
const rangeOf = (major: number | undefined): string =>
	own
		.peerDependencies![ADAPTER_NODE]!.split('||')
		.map((range) => range.trim())
		.find((range) => majorOf(range.replace(/^\D+/, '')) === major) ?? 'latest';

/**
 * Removes a package from package.json.
 *
 * @param name the package name
 */
export const removePackage = (name: string): ((source: string) => string) =>
	transforms.json(({ data }) => {
		const fields = [data.dependencies, data.devDependencies].filter((field) => field && name in field);
		for (const field of fields) delete field[name];
		return fields.length > 0 ? undefined : false;
	});
