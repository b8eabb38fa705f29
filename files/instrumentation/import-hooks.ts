import { builtinModules, register as registerLoader } from 'node:module';
import { isAbsolute, parse } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModuleDefinition, Patching } from './base-class.ts';

/** Modules for `import-in-the-middle`: bare specifiers, file URLs, and patterns for files of a package. */
export type Include = (string | RegExp)[];

/** What a module exports, as an import hook gives it: what is set there, its importers see. */
type Namespace = Record<string, unknown>;

/**
 * Lets instrumentations patch the ES modules that they name, and no others: not one of the app's own. What is
 * loaded by `require` they see by themselves.
 *
 * The hook is ours, for all: the copies of `import-in-the-middle` that instrumentations bring along would be
 * told only of what they have wrapped themselves, and those before 1.9 wrap every module.
 *
 * @param parts what patches modules
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

/** What an import hook says of a module. */
interface Imported {
	exports: Namespace;
	name: string;
	baseDir: string | void;
	format: string | undefined;
}

/**
 * Patches an imported module. A CommonJS module is patched as `require` would have it, for this is what
 * patches are written for, and what is imported of it follows.
 */
function patch(part: Patching, definition: ModuleDefinition, imported: Imported): unknown {
	let { name, baseDir } = imported;
	// a file that is known by its path is a module of its own
	if (!baseDir && isAbsolute(name)) ({ name, dir: baseDir } = parse(name));
	const { exports } = imported;
	const onRequire = (value: unknown): unknown =>
		part._onRequire(definition, value, name, baseDir || undefined);
	if (imported.format !== 'commonjs') return onRequire(exports);

	const patched = onRequire(exports['default']);
	for (const key of Object.keys(exports)) {
		// these are all that `require` returns, also where that has a `default` of its own
		if (key === 'default' || key === 'module.exports') exports[key] = patched;
		else if (isObject(patched) && key in patched) exports[key] = patched[key];
	}
	return exports;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	(typeof value === 'object' && value !== null) || typeof value === 'function';

/** How the hook knows the modules of a definition. */
export function include({ name, files = [] }: ModuleDefinition): Include {
	if (isAbsolute(name)) return [pathToFileURL(name).href];
	if (builtinModules.includes(name)) return [name, `node:${name}`];
	return [name, ...files.map((file) => new RegExp(`${['', 'node_modules', escape(file.name)].join('/')}$`))];
}

/** In the thread itself where Node can do it, else by the loader on a thread of its own. */
async function registerHooks(modules: Include): Promise<void> {
	const { register, supportsSyncHooks } = await import('import-in-the-middle/register-hooks.mjs');
	if (supportsSyncHooks()) register({ include: modules });
	else registerLoader(import.meta.resolve('import-in-the-middle/hook.mjs'), { data: { include: modules } });
}

const escape = (name: string): string => name.replaceAll('\\', '/').replace(/[.*+?^${}()|[\]]/g, '\\$&');
