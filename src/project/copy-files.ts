import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Copies a directory file by file. This also works in the archives in which Yarn stores packages.
 *
 * @param without names of files and directories that are not copied
 */
export function copyFiles(from: string, to: string, without: readonly string[] = []): void {
	mkdirSync(to, { recursive: true });
	for (const entry of readdirSync(from, { withFileTypes: true })) {
		if (without.includes(entry.name)) continue;
		const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
		if (entry.isDirectory()) copyFiles(source, target, without);
		else writeFileSync(target, readFileSync(source));
	}
}
