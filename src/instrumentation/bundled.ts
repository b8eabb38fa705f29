import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Manifest, findPackage, readManifest } from '../project/project.ts';
import { installCommand } from '../project/package-manager.ts';
import { itemsOf } from './items.ts';
import type { Instrumented } from './libraries.ts';

/**
 * Returns warnings about instrumented libraries that are bundled into the server. Bundled libraries cannot
 * be instrumented.
 *
 * @param instrumentations the instrumentations and the modules they instrument
 * @param bundled the bundled libraries, with the remedy for each
 * @param app its directory
 */
export function describeBundled(
	instrumentations: readonly Pick<Instrumented, 'name' | 'modules'>[],
	bundled: ReadonlyMap<string, string>,
	app?: string
): string[] {
	return instrumentations.flatMap(({ name, modules }) => {
		const libraries = modules.filter((each) => bundled.has(each));
		if (libraries.length === 0) return [];
		const [are, them] = libraries.length === 1 ? ['is', 'it'] : ['are', 'them'];
		const remedies = new Set(withoutBrought(libraries, app).map((each) => bundled.get(each)));
		return [
			`${libraries.join(', ')} ${are} bundled into the server, where ${name} cannot see ${them}: there will be no ${itemsOf(name)} of ${them}. ${[...remedies].join('. ')}`
		];
	});
}

/** Leaves out the libraries that another one of them brings along, and takes out of the bundle with it. */
const withoutBrought = (libraries: readonly string[], app?: string): string[] =>
	libraries.filter(
		(library) => !libraries.some((other) => library in (findPackage(other, app)?.manifest.dependencies ?? {}))
	);

/**
 * The instrumentations whose libraries are all bundled.
 *
 * @param instrumentations the instrumentations, and the libraries of each that the app has
 * @param bundled the bundled libraries
 * @param external the libraries of which one copy is externalized, and another one may be bundled
 */
export const findIneffective = (
	instrumentations: readonly Pick<Instrumented, 'name' | 'libraries'>[],
	bundled: ReadonlyMap<string, string>,
	external: readonly string[] = []
): Set<string> =>
	new Set(
		instrumentations
			.filter(
				({ libraries }) =>
					libraries.length > 0 && libraries.every((each) => bundled.has(each) && !external.includes(each))
			)
			.map(({ name }) => name)
	);

/**
 * The instrumented libraries that adapter-node 5 has bundled, with the remedy for each. It externalizes
 * only the packages in `dependencies`.
 *
 * @param instrumentations the instrumentations and the modules they instrument
 * @param sources paths of the source files of the server's modules
 * @param app its package.json
 */
export function findBundled(
	instrumentations: readonly Pick<Instrumented, 'modules'>[],
	sources: readonly string[],
	{ devDependencies = {}, dependencies = {} }: Manifest = readManifest('package.json')
): Map<string, string> {
	const remedy = (library: string): string => {
		if (library in dependencies)
			return `Exclude ${library} from \`ssr.noExternal\` of the Vite configuration`;
		if (library in devDependencies) return `Move ${library} from devDependencies to dependencies`;
		return `Install ${library} as a dependency of the app: ${installCommand([library])}`;
	};
	return new Map(
		instrumentations
			.flatMap(({ modules }) => modules)
			.filter((library) => sources.some((source) => isOf(source, library)))
			.map((library) => [library, remedy(library)])
	);
}

/** The source files of modules, read from their source maps. */
export function sourcesOf(out: string, modules: readonly string[]): string[] {
	return modules.flatMap((file) => {
		try {
			const { sources } = JSON.parse(readFileSync(path.join(out, `${file}.map`), 'utf8')) as {
				sources?: (string | null)[];
			};
			return (sources ?? []).filter((source) => source !== null);
		} catch {
			return [];
		}
	});
}

const isOf = (source: string, library: string): boolean =>
	source.replaceAll('\\', '/').includes(`/node_modules/${library}/`);
