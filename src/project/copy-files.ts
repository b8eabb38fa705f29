import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Copies a directory file by file. This also works in the archives in which Yarn stores packages. */
export function copyFiles(from: string, to: string): void {
	mkdirSync(to, { recursive: true });
	for (const entry of readdirSync(from, { withFileTypes: true })) {
		const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
		if (entry.isDirectory()) copyFiles(source, target);
		else writeFileSync(target, readFileSync(source));
	}
}
