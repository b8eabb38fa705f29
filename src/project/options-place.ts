import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { versionOf } from './project.ts';
import { compareVersions } from './version.ts';

/** The file with SvelteKit's options. */
export interface OptionsPlace {
	/** The path relative to the app. */
	file: string;
	/**
	 * `vite`: the options are the argument of `sveltekit()`; `svelte`: they are below `kit` in the default
	 * export.
	 */
	kind: 'vite' | 'svelte';
}

/** The file names, in the order in which Vite and SvelteKit look for them. */
const FILES = {
	vite: ['js', 'mjs', 'ts', 'cjs', 'mts', 'cts'].map((extension) => `vite.config.${extension}`),
	svelte: ['svelte.config.js', 'svelte.config.ts']
};

/**
 * The first SvelteKit version that accepts options in Vite's configuration. It then ignores
 * `svelte.config`.
 */
const SINCE = '2.62.0';

/**
 * Finds the file from which SvelteKit reads its options, without running it.
 *
 * @param directory the app's directory
 * @param kit the version of SvelteKit
 */
export async function findOptionsPlace(
	directory: string = process.cwd(),
	kit: string | undefined = versionOf('@sveltejs/kit', directory)
): Promise<OptionsPlace> {
	const find = (kind: OptionsPlace['kind']): string | undefined =>
		FILES[kind].find((file) => existsSync(path.join(directory, file)));
	const svelte = find('svelte');
	const vite = find('vite') ?? 'vite.config.js';
	if (kit !== undefined && compareVersions(kit, SINCE) < 0) {
		return { file: svelte ?? 'svelte.config.js', kind: 'svelte' };
	}
	if (svelte && !(await hasOptions(path.join(directory, vite)))) return { file: svelte, kind: 'svelte' };
	return { file: vite, kind: 'vite' };
}

async function hasOptions(file: string): Promise<boolean> {
	// imports a parser, which most builds do not need
	const { takesOptions } = await import('./sveltekit-call.ts');
	try {
		return takesOptions(readFileSync(file, 'utf8'));
	} catch {
		// missing, or cannot be parsed
		return false;
	}
}
