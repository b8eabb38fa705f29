import { builtinModules, createRequire, register as registerLoader } from 'node:module';
import { isAbsolute, join, parse } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModuleDefinition, Patching } from './base-class.ts';
import { isObject } from './is-object.ts';

/** Modules for `import-in-the-middle`: bare specifiers, file URLs, and patterns for files of a package. */
export type Include = (string | RegExp)[];

const NODE_MODULES = 'node_modules';

/** The exports of a module in an import hook. Importers see the values that are set here. */
type Namespace = Record<string, unknown>;

/**
 * Lets instrumentations patch the ES modules that they name, and no others, so none of the app's own. They hook
 * `require` themselves.
 *
 * All instrumentations share one hook. Their own copies of `import-in-the-middle` would only see the modules that
 * they wrapped themselves, and versions before 1.9 wrap every module.
 *
 * @param parts the objects that patch modules
 */
export async function installImportHooks(parts: readonly Patching[]): Promise<void> {
	const definitions = parts.flatMap((part) => part._modules);
	if (definitions.length === 0) return;
	const { Hook } = await import('import-in-the-middle');

	for (const part of parts) {
		for (const definition of part._modules) {
			// oxlint-disable-next-line no-new -- it is registered by being made
			new Hook([definition.name], { internals: true }, (exports, name, baseDir, format) =>
				patch(part, definition, { exports, name, baseDir, format })
			);
		}
	}
	await registerHooks([...new Set(definitions.flatMap(include))]);
}

/** The arguments of an import hook. */
interface Imported {
	exports: Namespace;
	name: string;
	baseDir: string | void;
	format: string | undefined;
}

/**
 * Patches an imported module. For a CommonJS module, the value that `require` returns is patched, because
 * patches expect it, and the exports are updated from it.
 */
function patch(part: Patching, definition: ModuleDefinition, imported: Imported): unknown {
	let { name, baseDir } = imported;
	// a file that is named by its path is a separate module
	if (!baseDir && isAbsolute(name)) ({ name, dir: baseDir } = parse(name));
	// Vite's dev server imports a package by the URL of its file
	if (baseDir && name !== definition.name && isMain(baseDir, name, definition.name)) ({ name } = definition);
	const { exports } = imported;
	const onRequire = (value: unknown): unknown =>
		part._onRequire(definition, value, name, baseDir || undefined);
	if (imported.format !== 'commonjs') return onRequire(exports);

	const patched = onRequire(exports['default']);
	for (const key of Object.keys(exports)) {
		// these are the value that `require` returns, even if it has a `default` property
		if (key === 'default' || key === 'module.exports') exports[key] = patched;
		else if (isObject(patched) && key in patched) exports[key] = patched[key];
	}
	return exports;
}

/** Whether a file of a package (`pg/lib/index.js`) is the one that `require` loads for it. */
function isMain(directory: string, file: string, packageName: string): boolean {
	if (!file.startsWith(packageName)) return false;
	try {
		const main = createRequire(join(directory, 'package.json')).resolve(packageName);
		return main === join(directory, file.slice(packageName.length));
	} catch {
		return false;
	}
}

/** The modules of a definition, as the hook expects them. */
export function include({ name, files = [] }: ModuleDefinition): Include {
	if (isAbsolute(name)) return [pathToFileURL(name).href];
	if (builtinModules.includes(name)) return [name, `node:${name}`];
	return [name, ...files.map((file) => new RegExp(`${['', NODE_MODULES, escape(file.name)].join('/')}$`))];
}

/**
 * Whether an import is of one of the modules. Vite's dev server imports packages by the URL of their file instead of
 * their name.
 *
 * @param modules the modules
 */
export function createFilter(modules: Include): (url: string, specifier: string) => boolean {
	const packages = modules.filter((each) => typeof each === 'string' && !/^\w+:/.test(each)) as string[];
	const folders = packages.map((name) => `/${NODE_MODULES}/${name}/`);
	return (url, specifier) =>
		modules.some((each) => (each instanceof RegExp ? each.test(url) : each === specifier || each === url)) ||
		(specifier === url &&
			folders.some((folder) => url.startsWith(folder, url.lastIndexOf(`/${NODE_MODULES}/`))));
}

/** Registers the hooks in the same thread if Node supports it, otherwise in the loader thread. */
async function registerHooks(modules: Include): Promise<void> {
	const { register, supportsSyncHooks } = await import('import-in-the-middle/register-hooks.mjs');
	// its types do not have the option
	const options = { include: modules, shouldInclude: createFilter(modules) };
	if (supportsSyncHooks()) register(options);
	else registerLoader(import.meta.resolve('import-in-the-middle/hook.mjs'), { data: { include: modules } });
}

const escape = (name: string): string => name.replaceAll('\\', '/').replace(/[.*+?^${}()|[\]]/g, '\\$&');
