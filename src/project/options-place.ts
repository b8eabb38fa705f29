import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { versionOf } from './project.ts';
import { compareVersions } from './version.ts';

/** Where the options of SvelteKit are. */
export interface OptionsPlace {
	/** Relative to the app. */
	file: string;
	/** `vite`: the argument of `sveltekit()`; `svelte`: below `kit` of the default export. */
	kind: 'vite' | 'svelte';
}

/** In the order in which Vite and SvelteKit look for them. */
const FILES = {
	vite: ['js', 'mjs', 'ts', 'cjs', 'mts', 'cts'].map((extension) => `vite.config.${extension}`),
	svelte: ['svelte.config.js', 'svelte.config.ts']
};

/** The first SvelteKit that takes options in Vite's configuration; `svelte.config` is ignored then. */
const SINCE = '2.62.0';

/**
 * Finds the file that SvelteKit takes its options from, without running it.
 *
 * @param directory of the app
 * @param kit its version
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
	// brings a parser along, of no use to most builds
	const { takesOptions } = await import('./sveltekit-call.ts');
	try {
		return takesOptions(readFileSync(file, 'utf8'));
	} catch {
		// not there, or nothing that can be read
		return false;
	}
}
