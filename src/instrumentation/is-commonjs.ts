import { existsSync } from 'node:fs';
import path from 'node:path';
import { entryOf, findPackage, readManifest } from '../project/project.ts';
import { packageOf } from './specifier.ts';

/**
 * Whether Node loads an imported specifier as CommonJS. If this is uncertain, it counts as an ES module.
 *
 * @param specifier a bare specifier
 * @param from the directory of the importer
 */
export function isCommonJs(specifier: string, from: string): boolean {
	const name = packageOf(specifier)!;
	const found = findPackage(name, from);
	if (!found) return false;
	const { directory, manifest } = found;
	const below = specifier.slice(name.length + 1);
	if (below && manifest.exports) {
		const { exports } = manifest;
		if (typeof exports !== 'object' || !(`./${below}` in exports)) return false;
	}
	const file = path.join(
		directory,
		below && !manifest.exports ? below : entryOf(manifest, below ? `./${below}` : '.')
	);
	if (/\.[cm]js$/.test(file)) return file.endsWith('.cjs');
	return !/\.(?:json|node)$/.test(file) && typeOf(path.dirname(file), directory) !== 'module';
}

/** The `type` of the nearest package.json, searched from a file upward to the root of its package. */
function typeOf(from: string, last: string): string | undefined {
	for (let directory = from; ; directory = path.dirname(directory)) {
		const file = path.join(directory, 'package.json');
		if (existsSync(file)) return (readManifest(file) as { type?: string }).type;
		if (directory === last || directory === path.dirname(directory)) return undefined;
	}
}
