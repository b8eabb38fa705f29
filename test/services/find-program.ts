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

/**
 * The reason why a test is skipped for want of a program.
 *
 * @throws {Error} with it where `REQUIRE_SERVICES=1` asks for all of them, so that none is skipped unnoticed
 */
export function reasonToSkip(reason: string): string {
	if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(`${reason} (REQUIRE_SERVICES=1)`);
	return reason;
}
