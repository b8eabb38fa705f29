import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Copies a directory file by file, as it can be done from the archives that Yarn keeps packages in. */
export function copyFiles(from: string, to: string): void {
	mkdirSync(to, { recursive: true });
	for (const entry of readdirSync(from, { withFileTypes: true })) {
		const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
		if (entry.isDirectory()) copyFiles(source, target);
		else writeFileSync(target, readFileSync(source));
	}
}
