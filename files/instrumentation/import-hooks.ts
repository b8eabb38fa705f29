import { builtinModules, register as registerLoader } from 'node:module';
import { isAbsolute, parse } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModuleDefinition, Patching } from './base-class.ts';

/** Modules for `import-in-the-middle`: bare specifiers, file URLs, and patterns for files of a package. */
export type Include = (string | RegExp)[];

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

const isObject = (value: unknown): value is Record<string, unknown> =>
	(typeof value === 'object' && value !== null) || typeof value === 'function';

/** The modules of a definition, as the hook expects them. */
export function include({ name, files = [] }: ModuleDefinition): Include {
	if (isAbsolute(name)) return [pathToFileURL(name).href];
	if (builtinModules.includes(name)) return [name, `node:${name}`];
	return [name, ...files.map((file) => new RegExp(`${['', 'node_modules', escape(file.name)].join('/')}$`))];
}

/** Registers the hooks in the same thread if Node supports it, otherwise in the loader thread. */
async function registerHooks(modules: Include): Promise<void> {
	const { register, supportsSyncHooks } = await import('import-in-the-middle/register-hooks.mjs');
	if (supportsSyncHooks()) register({ include: modules });
	else registerLoader(import.meta.resolve('import-in-the-middle/hook.mjs'), { data: { include: modules } });
}

const escape = (name: string): string => name.replaceAll('\\', '/').replace(/[.*+?^${}()|[\]]/g, '\\$&');
