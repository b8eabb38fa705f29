import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type adapterNode from '@sveltejs/adapter-node';
import { type InstalledPackage, entryOf, findPackage } from './project.ts';
import { majorOf } from './version.ts';

/** The package that makes the server. */
export const ADAPTER_NODE = '@sveltejs/adapter-node';

/** The adapter-node for each SvelteKit. */
const PAIRS: Record<number, number> = { 2: 5, 3: 6 };

/**
 * The major version of adapter-node that goes with a SvelteKit.
 *
 * @param kit its version
 */
export const fittingAdapterNode = (kit: string | undefined): number | undefined =>
	kit === undefined ? undefined : PAIRS[majorOf(kit)];

const here = path.dirname(fileURLToPath(import.meta.url));

/**
 * The adapter-node of the project, not the one beside this package: in a workspace with two SvelteKits a
 * package manager may put this package beside the one of the other.
 *
 * @param from the directory of the app
 */
export const findAdapterNode = (from?: string): InstalledPackage | undefined =>
	// a strict package manager may have linked it here alone
	findPackage(ADAPTER_NODE, from) ?? findPackage(ADAPTER_NODE, here);

/**
 * Loads it.
 *
 * @returns nothing where there is none
 */
export async function importAdapterNode(): Promise<typeof adapterNode | undefined> {
	const found = findAdapterNode();
	if (!found) return undefined;
	const module = await import(pathToFileURL(path.join(found.directory, entryOf(found.manifest))).href);
	return (module as { default: typeof adapterNode }).default;
}
