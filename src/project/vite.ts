import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { findPackage } from './project.ts';

/**
 * Loads the project's Vite, which is version 5 or later.
 *
 * @throws {Error} if Vite is not installed
 */
export async function importVite(from?: string): Promise<typeof import('vite')> {
	const vite = findPackage('vite', from);
	if (!vite) throw new Error('there is no Vite');
	return (await import(
		pathToFileURL(path.join(vite.directory, 'dist/node/index.js')).href
	)) as typeof import('vite');
}
