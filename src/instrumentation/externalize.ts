import { realpathSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';
import { findPackage, readManifest } from '../project/project.ts';
import { type Program, bindCommonJs } from './bind-commonjs.ts';
import { type Copied, NOTHING } from './copied.ts';
import { type Importer, copyPackages } from './copy.ts';
import type { Libraries } from './libraries.ts';
import { isCommonJs } from './is-commonjs.ts';
import { packagesBelow } from './shared.ts';
import { packageOf } from './specifier.ts';

/** The libraries that a build has externalized, so that they can be instrumented. */
export interface Externalized {
	/** Externalizes them. */
	plugin: Plugin;
	/** The packages that were copied to the server's `node_modules` for this. */
	readonly copied: Copied;
	/** The libraries that are bundled nevertheless, with the remedy for each. */
	readonly bundled: ReadonlyMap<string, string>;
}

/** An externalized library. */
interface Library extends Importer {
	directory: string;
	specifiers: Set<string>;
}

type NoExternal = string | RegExp | readonly (string | RegExp)[] | boolean | undefined;

/**
 * Externalizes the instrumented libraries on adapter-node 6, which bundles all packages but those in
 * `dependencies`. Copies them into the server's directory as soon as it is written: SvelteKit runs the
 * server during the build, and adapter-node copies this directory.
 *
 * @param find finds the libraries
 * @param app the app's directory
 */
export function externalizeLibraries(
	find: () => Promise<Libraries>,
	app: string = process.cwd()
): Externalized {
	const { dependencies = {}, devDependencies = {} } = readManifest(path.join(app, 'package.json'));
	const external = new Map<string, Library>();
	const bundled = new Map<string, string>();
	let copied = NOTHING;
	let noExternal: NoExternal;
	const isBundledByApp = (name: string): boolean => matches(noExternal, name);

	/**
	 * The copy of each library that is externalized: the app's own if the app imports it, else the first
	 * that is imported.
	 */
	const copies = new Map<string, string>();
	const chooseCopy = (name: string, directory: string): string => {
		const isShared = shared.has(directory);
		const own = !isShared && name in devDependencies && directoryOf(name, app);
		const chosen = copies.get(name) ?? (own || directory);
		copies.set(name, chosen);
		return chosen;
	};

	/**
	 * The packages that externalized libraries may load. They are externalized for the whole app, or the
	 * process would load them twice.
	 */
	const shared = new Set<string>();
	const sharedNames = new Set<string>();
	const share = (directory: string): void => {
		for (const each of packagesBelow(directory)) {
			shared.add(each);
			sharedNames.add(readManifest(path.join(each, 'package.json')).name ?? '');
		}
	};
	const checkShared = (directory: string): string | undefined => {
		for (const each of packagesBelow(directory)) {
			const { name = '' } = readManifest(path.join(each, 'package.json'));
			if (isBundledByApp(name)) return `It needs ${name}. ${describeNoExternal(name)}`;
			if (!isCopyable(each)) return `It needs ${name}. Add ${name} to dependencies`;
		}
		return undefined;
	};

	let searched: Promise<Libraries> | undefined;
	/** Finds the libraries. Their shared packages must be known before the first import of one is resolved. */
	const search = async (): Promise<Libraries> => {
		const libraries = await find();
		for (const name of libraries.instrumentations.flatMap(({ modules }) => modules)) {
			const directory = name in dependencies || isBundledByApp(name) ? undefined : directoryOf(name, app);
			if (directory && isCopyable(directory) && !checkShared(directory)) share(directory);
		}
		return libraries;
	};

	const plugin: Plugin = {
		name: 'vite-plugin-adapter-node-otel-libraries',
		apply: 'build',
		applyToEnvironment: ({ name }) => name === 'ssr',
		config: (config) => {
			// before adapter-node sets it to `true`
			noExternal = config.ssr?.noExternal;
		},
		resolveId: {
			order: 'pre',
			async handler(specifier, importer) {
				const name = packageOf(specifier);
				if (!name || !importer) return undefined;
				const isLibrary = isInstrumented(await (searched ??= search()), name);
				if ((!isLibrary && !sharedNames.has(name)) || name in dependencies) {
					if (isLibrary && isBundledByApp(name)) bundled.set(name, describeNoExternal(name));
					return undefined;
				}

				const from = path.isAbsolute(importer) ? path.dirname(importer) : app;
				const directory = directoryOf(name, from);
				if (!directory || (!isLibrary && !shared.has(directory))) return undefined;
				const remedy = isBundledByApp(name)
					? describeNoExternal(name)
					: (checkCopy(name, directory, chooseCopy(name, directory)) ?? checkShared(directory));
				if (remedy) {
					if (isLibrary) bundled.set(name, remedy);
					return undefined;
				}
				if (isLibrary) share(directory);
				const library = external.get(name) ?? { directory: from, specifiers: new Set() };
				library.specifiers.add(specifier);
				external.set(name, library);
				return { id: specifier, external: true };
			}
		},
		renderChunk(code) {
			const isExternal = (specifier: string): boolean => {
				const library = external.get(packageOf(specifier) ?? '');
				return !!library?.specifiers.has(specifier) && isCommonJs(specifier, library.directory);
			};
			if (![...external.keys()].some((name) => code.includes(name))) return undefined;
			const bound = bindCommonJs(code, this.parse(code) as unknown as Program, isExternal);
			// the line numbers are unchanged
			return bound === undefined ? undefined : { code: bound, map: null };
		},
		async writeBundle({ dir }) {
			if (external.size === 0) return;
			copied = await copyPackages([...external.values()], path.join(dir!, 'node_modules'), {
				present: Object.keys(dependencies).filter((name) => !isBundledByApp(name))
			});
		}
	};
	return {
		plugin,
		bundled,
		get copied() {
			return copied;
		}
	};
}

const isInstrumented = ({ instrumentations }: Libraries, name: string): boolean =>
	instrumentations.some(({ modules }) => modules.includes(name));

/** The remedy for a copy that cannot be imported by its name, or cannot be copied. */
function checkCopy(name: string, directory: string, chosen: string): string | undefined {
	if (!isCopyable(directory)) return `Add ${name} to dependencies`;
	if (directory === chosen) return undefined;
	const [version, chosenVersion] = [directory, chosen].map(
		(each) => readManifest(path.join(each, 'package.json')).version
	);
	return `There are two copies: ${chosenVersion}, which is traced, and ${version}. Install one version for both`;
}

/** Packages that are linked from elsewhere are not copied. */
const isCopyable = (directory: string): boolean => /[\\/]node_modules[\\/]/.test(directory);

/** The remedy for a package that the app configures to be bundled. */
const describeNoExternal = (name: string): string =>
	`Exclude ${name} from \`ssr.noExternal\` of the Vite configuration`;

function directoryOf(name: string, from: string): string | undefined {
	const found = findPackage(name, from);
	return found && realpathSync(found.directory);
}

/**
 * Whether the app configures a package to be bundled. adapter-node sets `true`, which means all packages
 * but those it names.
 */
function matches(rules: NoExternal, name: string): boolean {
	if (!Array.isArray(rules)) return false;
	return (rules as (string | RegExp)[]).some((rule) =>
		typeof rule === 'string' ? rule === name : rule.test(name)
	);
}
