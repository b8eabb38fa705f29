import { existsSync } from 'node:fs';
import { builtinModules, register } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { log } from '../diagnostics/log.ts';
import { findInstrumentation, findPackage } from './find-package.ts';
import { ownWrappers } from './own-wrappers.ts';

/** A module that an instrumentation wants to see: a package or one of Node's own, and files within it. */
export interface ModuleDefinition {
	name: string;
	files?: readonly { name: string }[];
}

/** Modules for one `import-in-the-middle`: bare specifiers, file URLs, and patterns for files of a package. */
export type Include = (string | RegExp)[];

/** What `import-in-the-middle/register-hooks.mjs` has, from the version on that knows synchronous hooks. */
interface SynchronousHooks {
	supportsSyncHooks(): boolean;
	register(options: { include: Include }): void;
}

/**
 * Lets instrumentations see the ES modules that they name, and no other: not one of the app's own. What is
 * loaded by `require` they see by themselves.
 *
 * Node takes a hook from a copy of `import-in-the-middle`, and an instrumentation is only told by the copy
 * that it has itself: so each copy in the tree gets its own, with what its instrumentations want.
 *
 * @param wanted the modules, by the package that names them
 */
export async function installImportHooks(
	wanted: ReadonlyMap<string, readonly ModuleDefinition[]>
): Promise<void> {
	const copies = new Map<string, Include>();
	const claims = new Map<string, Claim>();
	for (const [name, definitions] of wanted) {
		if (definitions.length === 0) continue;
		const copy = findCopy(name);
		if (!copy) {
			log(
				'warn',
				`${name} brings no import-in-the-middle along that could be found: it will not see what is loaded by \`import\`. Install it as a dependency of the app`
			);
			continue;
		}
		copies.set(copy, [...(copies.get(copy) ?? []), ...definitions.flatMap(include)]);
		for (const definition of definitions) claim(definition.name, { name, copy }, claims);
	}
	for (const [copy, modules] of copies) await hook(copy, [...new Set(modules)]);
}

/** Who wants to see a module: an instrumentation package, by its copy. */
interface Claim {
	name: string;
	copy: string;
}

/** What one copy has wrapped, another leaves alone. */
function claim(module: string, { name, copy }: Claim, claims: Map<string, Claim>): void {
	const first = claims.get(module);
	if (!first) claims.set(module, { name, copy });
	else if (first.copy !== copy) {
		log(
			'warn',
			`${first.name} and ${name} both instrument ${module}, and have an import-in-the-middle of their own each: only one of them will see what is loaded by \`import\`. Install releases of them that share one`
		);
	}
}

/** The `import-in-the-middle` that the base class of an instrumentation package resolves. */
function findCopy(name: string): string | undefined {
	const base = findPackage('@opentelemetry/instrumentation', findInstrumentation(name));
	return base && findPackage('import-in-the-middle', base);
}

/** How the hook knows the modules of a definition. */
export function include({ name, files = [] }: ModuleDefinition): Include {
	if (isAbsolute(name)) return [pathToFileURL(name).href];
	if (builtinModules.includes(name)) return [name, `node:${name}`];
	return [name, ...files.map((file) => new RegExp(`${['', 'node_modules', escape(file.name)].join('/')}$`))];
}

async function hook(copy: string, modules: Include): Promise<void> {
	const synchronous = join(copy, 'register-hooks.mjs');
	if (existsSync(synchronous)) {
		const hooks = (await import(pathToFileURL(synchronous).href)) as SynchronousHooks;
		if (hooks.supportsSyncHooks()) {
			hooks.register({ include: modules });
			return;
		}
	}
	const { href } = pathToFileURL(join(copy, 'hook.mjs'));
	withoutDeprecation(() => register(ownWrappers(href), { data: { include: modules } }));
}

/** Newer Node versions warn of `register`, which an old copy has nothing else for: no matter of the app's. */
function withoutDeprecation(call: () => void): void {
	const { noDeprecation = false } = process;
	process.noDeprecation = true;
	try {
		call();
	} finally {
		process.noDeprecation = noDeprecation;
	}
}

const escape = (name: string): string => name.replaceAll('\\', '/').replace(/[.*+?^${}()|[\]]/g, '\\$&');
