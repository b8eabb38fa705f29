import { cp, lstat, mkdtemp, readFile, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type InstalledPackage, findPackage, readManifest } from '../project.ts';
import { packageOf } from './specifier.ts';

/** What imports packages: what it finds depends on where it is. */
export interface Importer {
	/** An existing directory. */
	directory: string;
	specifiers: Iterable<string>;
	/** It may `require` them, too, which many packages have other files for. */
	isRequiring?: true;
}

/** What is copied, and what is not. */
export interface CopyOptions {
	/** Files of packages that nothing imports by a name. */
	files?: readonly string[];
	/** Packages that production has where the app has them now. They are used, and the app still finds them. */
	present?: readonly string[];
}

/** What a copy came to. */
export interface Copied {
	/** What it was made for. */
	names: string[];
	packages: InstalledPackage[];
	files: number;
	bytes: number;
	/** Those of the packages that contain compiled code, which is for one platform. */
	addons: string[];
	/** What to say where nothing could be copied. */
	problem?: string;
}

/** Where there is nothing to copy. */
export const NOTHING: Copied = { names: [], packages: [], files: 0, bytes: 0, addons: [] };

/** The name of a version that is there already. */
const PRESENT = 'present';

/**
 * Copies packages, with all that they need and of it only what can be loaded, to where the importers will
 * find the versions that they find now.
 *
 * @param importers of the packages
 * @param target a `node_modules`
 */
export async function copyPackages(
	importers: readonly Importer[],
	target: string,
	options: CopyOptions = {}
): Promise<Copied> {
	const versions = versionsOf(importers);
	const names = [...versions.keys()];
	const staging = await mkdtemp(path.join(tmpdir(), 'adapter-node-otel-'));
	try {
		const packages = await copyVia(staging, importers, versions, target, options);
		// the tracer leaves out what is linked from elsewhere
		const absent = names.filter((name) => !packages.some(({ manifest }) => manifest.name === name));
		const copied = { ...NOTHING, names: names.filter((name) => !absent.includes(name)), packages };
		return {
			...copied,
			...(packages.length > 0 && (await measure(target))),
			...(absent.length > 0 && { problem: describeProblem(absent, 'not in a node_modules') })
		};
	} catch (error) {
		await rm(target, { recursive: true, force: true });
		return { ...NOTHING, names, problem: describeProblem(names, String(error).split('\n')[0]!) };
	} finally {
		await rm(staging, { recursive: true, force: true });
	}
}

const describeProblem = (names: readonly string[], reason: string): string =>
	`${names.join(', ')} could not be copied into the output (${reason}): the server finds only what production has in its node_modules. Move ${names.length === 1 ? 'it' : 'them'} to dependencies`;

async function copyVia(
	staging: string,
	importers: readonly Importer[],
	imported: ReadonlyMap<string, string | undefined>,
	target: string,
	{ files = [], present = [] }: CopyOptions
): Promise<InstalledPackage[]> {
	const modules = new Map(importers.flatMap((importer, index) => modulesOf(importer, `${index}`)));
	const isPresent = await within(present);
	// large, and of no use to most builds
	const { traceNodeModules } = await import('nf3');
	const layout = await traceNodeModules([...modules.keys(), ...files], {
		outDir: staging,
		nft: {
			readFile: async (file) => modules.get(file) ?? (await readFile(file).catch(() => null)),
			ignore: (file) => isPresent(path.resolve('/', file))
		},
		hooks: {
			tracedPackages: (packages) => {
				// another version goes below what needs it, for at the top the app would find it instead of its own
				for (const name of present) {
					const versions = packages[name]?.versions;
					if (versions) versions[PRESENT] = { path: '', files: [], pkgJSON: {} };
				}
			}
		}
	});

	const packages = Object.values(layout.packages);
	for (const { name, hoisted, versions } of packages) {
		if (present.includes(name)) continue;
		const { outPath } = versions[imported.get(name) ?? hoisted] ?? versions[hoisted]!;
		await copyWithoutLinks(path.join(staging, outPath), path.join(target, name));
	}
	return packages
		.flatMap(({ versions }) => Object.entries(versions))
		.filter(([version]) => version !== PRESENT)
		.map(([, { path: directory }]) => ({
			directory,
			manifest: readManifest(path.join(directory, 'package.json'))
		}));
}

/** Modules that there are not, which import what an importer does from where it is. */
function modulesOf(
	{ directory, specifiers, isRequiring }: Importer,
	id: string
): [file: string, code: string][] {
	const each = (line: (specifier: string) => string): string =>
		[...specifiers].map((specifier) => line(JSON.stringify(specifier))).join('\n');
	const file = path.resolve(directory, `adapter-node-otel-imports-${id}`);
	const imports: [string, string] = [`${file}.mjs`, each((specifier) => `import ${specifier};`)];
	if (!isRequiring) return [imports];
	return [imports, [`${file}.cjs`, each((specifier) => `require(${specifier});`)]];
}

/** The version of each package that is imported, which others may have another one of. */
const versionsOf = (importers: readonly Importer[]): Map<string, string | undefined> =>
	new Map(
		importers.flatMap(({ directory, specifiers }) =>
			[...specifiers].map((specifier) => {
				const name = packageOf(specifier)!;
				return [name, findPackage(name, directory)?.manifest.version];
			})
		)
	);

/** Whether a file is in one of these packages of the app. */
async function within(packages: readonly string[]): Promise<(file: string) => boolean> {
	const found = packages.map((name) => findPackage(name)).filter((each) => each !== undefined);
	const directories = await Promise.all(found.map(({ directory }) => realpath(directory)));
	return (file) => directories.some((directory) => file.startsWith(directory + path.sep));
}

/**
 * Where there are several versions of a package, the tracer links them to where they are needed: archives
 * and copies lose links, Windows makes them absolute, and by what is behind them no instrumentation knows
 * the package.
 */
const copyWithoutLinks = (from: string, to: string): Promise<void> =>
	cp(from, to, { recursive: true, dereference: true, filter: async (source) => !(await isInItself(source)) });

/** Whether a link leads to a directory that it is in: from there it is found on the way up. */
async function isInItself(source: string): Promise<boolean> {
	if (!(await lstat(source)).isSymbolicLink()) return false;
	const target = await realpath(source);
	for (let above = path.dirname(source); above !== path.dirname(above); above = path.dirname(above)) {
		if ((await realpath(above)) === target) return true;
	}
	return false;
}

async function measure(directory: string): Promise<Pick<Copied, 'files' | 'bytes' | 'addons'>> {
	const entries = await readdir(directory, { recursive: true, withFileTypes: true });
	const files = entries
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => path.join(parentPath, name));
	const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
	const addons = files
		.filter((file) => file.endsWith('.node'))
		.map((file) => packageOf(path.relative(directory, file).replaceAll('\\', '/'))!);
	return {
		files: files.length,
		bytes: sizes.reduce((sum, size) => sum + size, 0),
		addons: [...new Set(addons)]
	};
}

/** The line of the build about what was copied. */
export function describeCopied({ names, files, bytes, addons }: Copied): string {
	const native =
		addons.length > 0 ? `; ${addons.join(', ')} compiled for ${process.platform} ${process.arch}` : '';
	return `Copying ${names.join(', ')} and what they need (${files} files, ${Math.ceil(bytes / 1024)} KB${native})`;
}
