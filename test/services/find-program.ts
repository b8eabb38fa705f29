import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The program's path, from PATH or from the folders given; undefined where it is not installed. */
export function findProgram(name: string, folders: string[] = []): string | undefined {
	const paths = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...folders];
	return paths.map((folder) => join(folder, name)).find(isExecutable);
}

/** The folders that Debian keeps PostgreSQL's programs in, newest version first: they are not on PATH. */
export function postgresFolders(): string[] {
	const root = '/usr/lib/postgresql';
	try {
		return readdirSync(root)
			.sort((a, b) => Number(b) - Number(a))
			.map((version) => join(root, version, 'bin'));
	} catch {
		return [];
	}
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
