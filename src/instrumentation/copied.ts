import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { toPosix } from '../kit/builder.ts';
import type { InstalledPackage } from '../project/project.ts';
import { packageOf } from './specifier.ts';

/** The result of copying packages. */
export interface Copied {
	/** The packages that were requested. */
	names: string[];
	/** All copied packages, at their original location. */
	packages: InstalledPackage[];
	files: number;
	bytes: number;
	/** The copied packages that contain compiled code, which runs on one platform only. */
	addons: string[];
	/** A message about what could not be copied. */
	problem?: string;
}

/** The result if there is nothing to copy. */
export const NOTHING: Copied = { names: [], packages: [], files: 0, bytes: 0, addons: [] };

/**
 * Counts what was copied.
 *
 * @param directory a `node_modules`
 */
export async function measure(directory: string): Promise<Pick<Copied, 'files' | 'bytes' | 'addons'>> {
	const entries = await readdir(directory, { recursive: true, withFileTypes: true });
	const files = entries
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => path.join(parentPath, name));
	const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
	const addons = files
		.filter((file) => file.endsWith('.node'))
		.map((file) => packageOf(toPosix(path.relative(directory, file)))!);
	return {
		files: files.length,
		bytes: sizes.reduce((sum, size) => sum + size, 0),
		addons: [...new Set(addons)]
	};
}

/** The build's log line about the copied packages. */
export function describeCopied({ names, files, bytes, addons }: Copied): string {
	const size = `${files} files, ${Math.ceil(bytes / 1024)} KB`;
	const compiled =
		addons.length > 0 ? `; ${addons.join(', ')} compiled for ${process.platform} ${process.arch}` : '';
	return `Copying ${names.join(', ')} and what they need (${size}${compiled})`;
}

/** A message about packages that could not be copied, with the remedy. */
export const describeProblem = (names: readonly string[], reason: string): string =>
	`${names.join(', ')} could not be copied into the output (${reason}): the server finds only what production has in its node_modules. Move ${names.length === 1 ? 'it' : 'them'} to dependencies`;
