import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type InstalledPackage, findPackage, readManifest } from '../project/project.ts';
import { findWasm, licencesOf } from './assets.ts';
import { type Copied, NOTHING, describeProblem, measure } from './copied.ts';
import { copyWithoutLinks } from './copy-without-links.ts';
import { packageOf } from './specifier.ts';

/** A directory that imports packages. Which packages it finds depends on its location. */
export interface Importer {
	/** An existing directory. */
	directory: string;
	/** Bare specifiers. */
	specifiers: Iterable<string>;
}

/** What is copied in addition to the imported packages, and what is not copied. */
export interface CopyOptions {
	/**
	 * Packages of the app that are present in production. They are not copied, and stay the ones that are
	 * found.
	 */
	present?: readonly string[];
}

/** The version name for a package that is not copied because it is present. */
const PRESENT = 'present';

/**
 * Copies packages with all their dependencies, but only the files that can be loaded. The importers find
 * the same versions as before.
 *
 * @param importers the importers of the packages
 * @param target a `node_modules` directory
 * @returns never rejects: the result contains what could not be copied
 */
export async function copyPackages(
	importers: readonly Importer[],
	target: string,
	options: CopyOptions = {}
): Promise<Copied> {
	const imported = versionsOf(importers);
	const names = [...imported.keys()];
	const staging = await mkdtemp(path.join(tmpdir(), 'adapter-node-otel-'));
	try {
		const packages = await copyVia(staging, importers, imported, target, options);
		// the tracer skips packages that are linked from elsewhere
		const absent = names.filter((name) => !packages.some(({ manifest }) => manifest.name === name));
		return {
			...NOTHING,
			names: names.filter((name) => !absent.includes(name)),
			packages,
			...(packages.length > 0 && (await measure(target))),
			...(absent.length > 0 && { problem: describeProblem(absent, 'not in a node_modules') })
		};
	} catch (error) {
		// the directory itself may be the cause of the error
		await rm(target, { recursive: true, force: true }).catch(() => {});
		return { ...NOTHING, names, problem: describeProblem(names, String(error).split('\n')[0]!) };
	} finally {
		await rm(staging, { recursive: true, force: true });
	}
}

async function copyVia(
	staging: string,
	importers: readonly Importer[],
	imported: ReadonlyMap<string, string | undefined>,
	target: string,
	{ present = [] }: CopyOptions
): Promise<InstalledPackage[]> {
	const modules = new Map(importers.flatMap((importer, index) => modulesOf(importer, `${index}`)));
	const isPresent = await within(present);
	// large, and most builds do not need it
	const { traceNodeModules } = await import('../libraries/nf3.ts');
	const layout = await traceNodeModules([...modules.keys()], {
		outDir: staging,
		nft: {
			readFile: async (file) => modules.get(file) ?? (await readFile(file).catch(() => null)),
			ignore: (file) => isPresent(path.resolve('/', file))
		},
		hooks: {
			tracedPackages: (packages) => {
				for (const { versions } of Object.values(packages)) {
					for (const { path: from, files } of Object.values(versions)) {
						files.push(...licencesOf(from), ...findWasm(files));
					}
				}
				// a package with several versions is copied below each package that needs it; at the top
				// there must be none, because the app would find it instead of its own
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

/**
 * Virtual modules with the same imports as an importer, resolved from its location. They also `require`
 * the packages: many packages have other files for `require`, and a tracer does not find what their ES
 * modules load with `createRequire`.
 */
function modulesOf({ directory, specifiers }: Importer, id: string): [file: string, code: string][] {
	const each = (line: (specifier: string) => string): string =>
		[...specifiers].map((specifier) => line(JSON.stringify(specifier))).join('\n');
	const file = path.resolve(directory, `adapter-node-otel-imports-${id}`);
	return [
		[`${file}.mjs`, each((specifier) => `import ${specifier};`)],
		[`${file}.cjs`, each((specifier) => `require(${specifier});`)]
	];
}

/** The imported version of each package. Other packages may use another version of it. */
const versionsOf = (importers: readonly Importer[]): Map<string, string | undefined> =>
	new Map(
		importers.flatMap(({ directory, specifiers }) =>
			[...specifiers].map((specifier) => {
				const name = packageOf(specifier)!;
				return [name, findPackage(name, directory)?.manifest.version];
			})
		)
	);

/** Whether a file belongs to one of these packages of the app. */
async function within(packages: readonly string[]): Promise<(file: string) => boolean> {
	const found = packages.map((name) => findPackage(name)).filter((each) => each !== undefined);
	const directories = await Promise.all(found.map(({ directory }) => realpath(directory)));
	return (file) => directories.some((directory) => file.startsWith(directory + path.sep));
}
