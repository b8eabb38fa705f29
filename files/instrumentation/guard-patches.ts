import { describeError, log } from '../diagnostics/log.ts';
import type { Instrumentation } from '../types/server-instrumentation.d.ts';
import type { Patching } from './base-class.ts';
import { isObject } from './is-object.ts';
import { howToLeaveOut } from './select.ts';

/**
 * Makes the patches of an instrumentation safe. If a patch throws, the module stays as it was. If a patch
 * returns nothing, the module is not replaced. A module that is both required and imported is patched once.
 *
 * @param part the part of the instrumentation that patches modules
 * @param instrumentation the instrumentation
 * @param origin the package or file that it comes from
 */
export function guardPatches(part: Patching, instrumentation: Instrumentation, origin: string): void {
	const { instrumentationName, instrumentationVersion } = instrumentation;
	const patch = part._onRequire;
	const patched = new WeakMap<object, Map<string, unknown>>();

	part._onRequire = (definition, exports, file, baseDir) => {
		if (!isObject(exports)) return exports;
		const results = patched.get(exports) ?? new Map<string, unknown>();
		// a package may have the same exports as one of its files
		const key = `${part._modules.indexOf(definition)} ${file}`;
		if (results.has(key)) return results.get(key);

		const restore = snapshot(exports);
		let result: unknown = exports;
		try {
			result = Reflect.apply(patch, part, [definition, exports, file, baseDir]) ?? exports;
		} catch (error) {
			restore();
			// otherwise, enabling it again would patch the module again
			delete definition.moduleExports;
			log(
				'warn',
				`${instrumentationName} ${instrumentationVersion} could not patch ${file} ${definition.moduleVersion ?? ''} (${describeError(error)}): it is left as it was, and not traced. Install compatible versions, or ${howToLeaveOut(origin)}`
			);
		}
		patched.set(exports, results.set(key, result));
		return result;
	};
}

/** Classes within classes within exports, and their prototypes: `OpenAI.Chat.Completions.prototype`. */
const DEPTH = 5;

/** Remembers the properties of exports, and of the functions and prototypes below them. */
function snapshot(exports: object): () => void {
	const taken = new Map<object, PropertyDescriptorMap>();
	const take = (object: object, depth: number): void => {
		const descriptors = Object.getOwnPropertyDescriptors(object);
		taken.set(object, descriptors);
		if (depth === 0) return;
		for (const [key, { value }] of Object.entries(descriptors)) {
			const isDeeper =
				typeof value === 'function' || (/^(?:default|prototype)$/.test(key) && isObject(value));
			if (isDeeper && !taken.has(value)) take(value, depth - 1);
		}
	};
	take(exports, DEPTH);
	return () => taken.forEach((descriptors, object) => restoreObject(object, descriptors));
}

function restoreObject(object: object, before: PropertyDescriptorMap): void {
	const now = Object.getOwnPropertyDescriptors(object) as PropertyDescriptorMap;
	for (const key of Reflect.ownKeys(now)) if (!(key in before)) Reflect.deleteProperty(object, key);
	for (const key of Reflect.ownKeys(before)) {
		const [was, is] = [before[key as string]!, now[key as string]];
		if (is?.value !== was.value || is?.get !== was.get || is?.set !== was.set) {
			Reflect.defineProperty(object, key, was);
		}
	}
}
