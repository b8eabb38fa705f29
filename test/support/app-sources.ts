import { readFile, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const apps = fileURLToPath(new URL('../apps', import.meta.url));

/** Files by their posix path. */
export type Files = Record<string, Buffer | string>;

/** What an overlay says about itself in its `overlay.json`, apart from the files it brings. */
export interface OverlaySettings {
	kit?: Record<string, unknown>;
	compilerOptions?: Record<string, unknown>;
	packageJson?: Record<string, unknown>;
}

/** Reads the sources of an app. */
export function readApp(name: string): Promise<Files> {
	return readTree(join(apps, name));
}

/** Reads an overlay: files that are laid over an app's, and the settings they need. */
export async function readOverlay(name: string): Promise<{ files: Files; settings: OverlaySettings }> {
	const { 'overlay.json': settings, ...files } = await readTree(join(apps, 'overlays', name));
	return { files, settings: settings ? JSON.parse(String(settings)) : {} };
}

/** Reads all files of a directory. */
export async function readTree(dir: string): Promise<Files> {
	const entries = await readdir(dir, { recursive: true, withFileTypes: true });
	const paths = entries
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name))
		.sort();
	const files = await Promise.all(
		paths.map(async (path) => [toPosix(relative(dir, path)), await readFile(path)] as const)
	);
	return Object.fromEntries(files);
}

function toPosix(path: string): string {
	return path.split(sep).join('/');
}
