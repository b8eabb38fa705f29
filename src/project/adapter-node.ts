import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type adapterNode from '@sveltejs/adapter-node';
import { type InstalledPackage, entryOf, findPackage } from './project.ts';
import { majorOf } from './version.ts';

/** The package that generates the server. */
export const ADAPTER_NODE = '@sveltejs/adapter-node';

/** The adapter-node version for each SvelteKit version. */
const PAIRS: Record<number, number> = { 2: 5, 3: 6 };

/**
 * Returns the major version of adapter-node that matches a SvelteKit version.
 *
 * @param kit the version of SvelteKit
 */
export const fittingAdapterNode = (kit: string | undefined): number | undefined =>
	kit === undefined ? undefined : PAIRS[majorOf(kit)];

/**
 * The supported major version of SvelteKit that is nearest to a version.
 *
 * @param kit the version of SvelteKit
 */
export function nearestKit(kit: string | undefined): number {
	const supported = Object.keys(PAIRS).map(Number);
	const major = kit === undefined ? Infinity : majorOf(kit);
	return supported.findLast((each) => each <= major) ?? supported[0]!;
}

/**
 * The major version of adapter-node for that SvelteKit.
 *
 * @param kit the version of SvelteKit
 */
export const nearestAdapterNode = (kit: string | undefined): number => PAIRS[nearestKit(kit)]!;

const here = path.dirname(fileURLToPath(import.meta.url));

/**
 * Finds the project's adapter-node, which may differ from the one next to this package: in a workspace
 * with two SvelteKit versions, a package manager may install this package next to the other one.
 *
 * @param from the directory of the app
 */
export const findAdapterNode = (from?: string): InstalledPackage | undefined =>
	// a strict package manager may have linked it only here
	findPackage(ADAPTER_NODE, from) ?? findPackage(ADAPTER_NODE, here);

/**
 * Loads adapter-node.
 *
 * @returns undefined if it is not installed
 */
export async function importAdapterNode(): Promise<typeof adapterNode | undefined> {
	const found = findAdapterNode();
	if (!found) return undefined;
	const module = await import(pathToFileURL(path.join(found.directory, entryOf(found.manifest))).href);
	return (module as { default: typeof adapterNode }).default;
}
