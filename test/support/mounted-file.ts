import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeTempDir } from './temp-dir.ts';

/** A file as Kubernetes mounts one of a ConfigMap. */
export interface MountedFile {
	path: string;
	/** Replaces what it holds. The link to the folder that it is in is swapped, not the file. */
	swap(text: string): void;
	/** Takes the folder away. */
	remove(): void;
}

/**
 * Mounts a file. Not on Windows, where a link needs rights.
 *
 * @param name of the file
 * @param text what it holds at first
 */
export function mountFile(name: string, text: string): MountedFile {
	const dir = makeTempDir();
	const link = path.join(dir, '..data');
	let version = 0;
	const swap = (next: string): void => {
		const folder = `..${++version}`;
		mkdirSync(path.join(dir, folder));
		writeFileSync(path.join(dir, folder, name), next);
		symlinkSync(folder, `${link}_tmp`);
		renameSync(`${link}_tmp`, link);
		if (version > 1) rmSync(path.join(dir, `..${version - 1}`), { recursive: true });
	};
	swap(text);
	const file = path.join(dir, name);
	symlinkSync(path.join('..data', name), file);
	return { path: file, swap, remove: () => rmSync(link) };
}
