import type { Instrumentation } from '../types/server-instrumentation.d.ts';

/*
 * The used parts of `InstrumentationBase` of `@opentelemetry/instrumentation` that are not in its types. They
 * are the same in all versions from 0.41 to 0.301:
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/experimental/packages/opentelemetry-instrumentation/src/platform/node/instrumentation.ts
 */

/** A module that an instrumentation patches: a package or one of Node's own, and files within it. */
export interface ModuleDefinition {
	name: string;
	/** Version ranges. For Node's own modules, an empty list means all. */
	supportedVersions?: readonly string[];
	files?: readonly { name: string; supportedVersions?: readonly string[] }[];
	/** The exports that were patched last, if any. */
	moduleExports?: unknown;
	/** The version of the package that was loaded last. */
	moduleVersion?: string;
}

/** An object that patches modules, by `require` and by `import`. */
export interface Patching {
	_modules: readonly ModuleDefinition[];
	/** Patches a module, and returns the exports to use. All hooks call this. */
	_onRequire: OnRequire;
}

/**
 * @param definition the definition of the module
 * @param exports of the module
 * @param name of the package, or the path of a file below it
 * @param baseDir the directory of the package; none for Node's own modules
 */
export type OnRequire = (
	definition: ModuleDefinition,
	exports: unknown,
	name: string,
	baseDir: string | undefined
) => unknown;

const isPatching = (value: unknown): value is Patching =>
	typeof value === 'object' &&
	value !== null &&
	typeof (value as Partial<Patching>)._onRequire === 'function' &&
	Array.isArray((value as Partial<Patching>)._modules);

/** The parts of an instrumentation that patch modules: itself, and the instrumentations it contains (redis has one per major version). */
export const patchingPartsOf = (instrumentation: Instrumentation): Patching[] =>
	[instrumentation, ...Object.values(instrumentation)].filter(isPatching);
