import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type InstalledPackage, findPackage, readManifest } from '../project/project.ts';
import { type Copied, NOTHING, describeProblem, measure } from './copied.ts';
import { copyWithoutLinks } from './copy-without-links.ts';
import { packageOf } from './specifier.ts';

/** What imports packages: what it finds depends on where it is. */
export interface Importer {
	/** An existing directory. */
	directory: string;
	/** Bare ones. */
	specifiers: Iterable<string>;
}

/** What is copied beside what is imported, and what is not. */
export interface CopyOptions {
	/** Packages of the app that production has where the app has them now. They stay the ones that are found. */
	present?: readonly string[];
}

/** The name of a version that is not copied, for it is there. */
const PRESENT = 'present';

/**
 * Copies packages, with all that they need and of it only what can be loaded, to where the importers will
 * find the versions that they find now.
 *
 * @param importers of the packages
 * @param target a `node_modules`
 * @returns never rejects: what could not be copied is in the result
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
		// the tracer leaves out what is linked from elsewhere
		const absent = names.filter((name) => !packages.some(({ manifest }) => manifest.name === name));
		return {
			...NOTHING,
			names: names.filter((name) => !absent.includes(name)),
			packages,
			...(packages.length > 0 && (await measure(target))),
			...(absent.length > 0 && { problem: describeProblem(absent, 'not in a node_modules') })
		};
	} catch (error) {
		// it may be what is in the way
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
	// large, and of no use to most builds
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
					for (const version of Object.values(versions)) version.files.push(...licencesOf(version.path));
				}
				// of a package with several versions each is below what needs it: at the top, where the app would find
				// it instead of its own, there is to be none
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

/** Whoever passes a package on passes these on, too. */
const licencesOf = (directory: string): string[] =>
	readdirSync(directory)
		.filter((file) => /^(?:licen[cs]e|copying|notice)\b/i.test(file))
		.map((file) => path.join(directory, file));

/**
 * Modules that there are not, which import what an importer does from where it is; and require it, for many
 * packages have other files for that, where a tracer finds what their ES modules require by a helper.
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
