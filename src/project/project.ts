import { existsSync, readFileSync, realpathSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A path, or what holds under which condition, or for which part of the package. */
type Exports = string | { readonly [condition: string]: Exports };

/** What a package.json may say; nothing of it is certain. */
export interface Manifest {
	name?: string;
	version?: string;
	dependencies?: Record<string, string>;
	devDependencies?: Record<string, string>;
	optionalDependencies?: Record<string, string>;
	peerDependencies?: Record<string, string>;
	engines?: Record<string, string>;
	exports?: Exports;
	main?: string;
	homepage?: string;
	bugs?: { url?: string };
}

/** Reads a package.json, or answers an empty one. */
export function readManifest(file: string): Manifest {
	try {
		return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
	} catch {
		return {};
	}
}

/** A package as the app resolves it. */
export interface InstalledPackage {
	directory: string;
	manifest: Manifest;
}

/**
 * Finds a package the way Node does, also one whose `exports` do not name its package.json.
 *
 * @param name the package
 * @param from a directory, by default the one of the app
 */
export function findPackage(name: string, from: string = process.cwd()): InstalledPackage | undefined {
	for (const directory of candidates(name, from)) {
		const file = path.join(directory, 'package.json');
		if (existsSync(file)) return { directory, manifest: readManifest(file) };
	}
	return undefined;
}

/** Where a package may be. */
function candidates(name: string, from: string): string[] {
	const pnp = findPnp(from);
	if (pnp) {
		try {
			return [pnp.resolveToUnqualified(name, `${path.resolve(from)}${path.sep}`)].filter(
				(each) => each !== null
			);
		} catch {
			// not among what the package names
			return [];
		}
	}
	const paths = createRequire(path.join(from, 'package.json')).resolve.paths(name) ?? [];
	return paths.map((modules) => path.join(modules, name));
}

/**
 * The real directory of a package, from where it finds others. Yarn's Plug'n'Play knows packages by the path
 * that it gave, which is none on the disk.
 */
export const realDirectory = ({ directory }: InstalledPackage): string =>
	findPnp(directory) ? directory : realpathSync(directory);

/** Yarn's Plug'n'Play, where it runs: https://yarnpkg.com/advanced/pnpapi */
interface Pnp {
	resolveToUnqualified(request: string, issuer: string): string | null;
}

const findPnp = (from: string): Pnp | undefined | null =>
	(module as { findPnpApi?(lookup: string): Pnp | null }).findPnpApi?.(`${path.resolve(from)}${path.sep}`);

/**
 * The file that `import` loads for a package, relative to it.
 *
 * @param manifest of the package
 * @param entry one of those that `exports` names, none of its patterns
 */
export function entryOf({ exports, main = 'index.js' }: Manifest, entry = '.'): string {
	let found = typeof exports === 'object' && entry in exports ? exports[entry] : exports;
	while (typeof found === 'object') {
		// Node takes the first that holds
		const condition = Object.keys(found).find((each) => ['node', 'import', 'default'].includes(each));
		found = condition === undefined ? undefined : found[condition];
	}
	return found ?? main;
}

/** Our own package.json. */
export const own: Manifest = readManifest(fileURLToPath(new URL('../../package.json', import.meta.url)));

/** The end of a message about a fault of this package: where to report it, when the package says where. */
export const pleaseReport: string = own.bugs?.url
	? `Please report it at ${own.bugs.url}`
	: 'Please report it';

/** The version of a package that the app has installed. */
export const versionOf = (name: string, from?: string): string | undefined =>
	findPackage(name, from)?.manifest.version;
