import { existsSync, readFileSync, realpathSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A path, or paths by condition or by subpath of the package. */
type Exports = string | { readonly [condition: string]: Exports };

/** The properties of a package.json that are used. None of them is guaranteed. */
export interface Manifest {
	name?: string;
	version?: string;
	dependencies?: Record<string, string>;
	devDependencies?: Record<string, string>;
	optionalDependencies?: Record<string, string>;
	peerDependencies?: Record<string, string>;
	peerDependenciesMeta?: Record<string, { optional?: boolean }>;
	engines?: Record<string, string>;
	exports?: Exports;
	main?: string;
	homepage?: string;
	bugs?: { url?: string };
}

/** Reads a package.json. Returns an empty object if that fails. */
export function readManifest(file: string): Manifest {
	try {
		return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
	} catch {
		return {};
	}
}

/** A package, as resolved from the app. */
export interface InstalledPackage {
	directory: string;
	manifest: Manifest;
}

/**
 * Finds a package like Node does, even if its `exports` do not include its package.json.
 *
 * @param name the package name
 * @param from the directory to search from, by default the app's
 */
export function findPackage(name: string, from: string = process.cwd()): InstalledPackage | undefined {
	for (const directory of candidates(name, from)) {
		const file = path.join(directory, 'package.json');
		if (existsSync(file)) return { directory, manifest: readManifest(file) };
	}
	return undefined;
}

/** The directories in which a package may be. */
function candidates(name: string, from: string): string[] {
	const pnp = findPnp(from);
	if (pnp) {
		try {
			return [pnp.resolveToUnqualified(name, `${path.resolve(from)}${path.sep}`)].filter(
				(each) => each !== null
			);
		} catch {
			// not in `exports` of the package
			return [];
		}
	}
	const paths = createRequire(path.join(from, 'package.json')).resolve.paths(name) ?? [];
	return paths.map((modules) => path.join(modules, name));
}

/**
 * The real directory of a package, from which it resolves its own dependencies. Yarn's Plug'n'Play
 * identifies packages by its own virtual paths, which do not exist on disk.
 */
export const realDirectory = ({ directory }: InstalledPackage): string =>
	findPnp(directory) ? directory : realpathSync(directory);

/** The API of Yarn's Plug'n'Play, if it is active: https://yarnpkg.com/advanced/pnpapi */
interface Pnp {
	resolveToUnqualified(request: string, issuer: string): string | null;
}

const findPnp = (from: string): Pnp | undefined | null =>
	(module as { findPnpApi?(lookup: string): Pnp | null }).findPnpApi?.(`${path.resolve(from)}${path.sep}`);

/**
 * The file that `import` loads for a package, relative to the package.
 *
 * @param manifest the package's package.json
 * @param entry a key of `exports`; patterns are not supported
 */
export function entryOf({ exports, main = 'index.js' }: Manifest, entry = '.'): string {
	let found = typeof exports === 'object' && entry in exports ? exports[entry] : exports;
	while (typeof found === 'object') {
		// Node takes the first condition that matches
		const condition = Object.keys(found).find((each) => ['node', 'import', 'default'].includes(each));
		found = condition === undefined ? undefined : found[condition];
	}
	return found ?? main;
}

/** Our own package.json. */
export const own: Manifest = readManifest(fileURLToPath(new URL('../../package.json', import.meta.url)));

/** The end of a message about a bug in this package: where to report it, if package.json has a URL. */
export const pleaseReport: string = own.bugs?.url
	? `Please report it at ${own.bugs.url}`
	: 'Please report it';

/** The version of a package that the app has installed. */
export const versionOf = (name: string, from?: string): string | undefined =>
	findPackage(name, from)?.manifest.version;
