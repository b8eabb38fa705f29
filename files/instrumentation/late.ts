import { createRequire } from 'node:module';
import { log } from '../diagnostics/log.ts';
import type { Instrumentation } from '../types/server-instrumentation.d.ts';
import { patchingPartsOf } from './base-class.ts';

/** The CommonJS files that have been loaded so far. Node has no such list for ES modules. */
export const loadedFiles = (): string[] =>
	Object.keys(createRequire(import.meta.url).cache)
		.filter((file) => !file.endsWith('.json'))
		.map((file) => file.replaceAll('\\', '/'));

/**
 * Leaves out instrumentations that started too late: the library was already loaded, for example by a custom
 * server that imports its libraries first. They are logged in one message.
 *
 * @param instrumentations that have been started
 * @param files that had been loaded before them
 * @returns those that can patch their libraries
 */
export function leaveOutLate(
	instrumentations: readonly Instrumentation[],
	files: readonly string[]
): Instrumentation[] {
	const late = new Map(instrumentations.map((each) => [each, lateLibraries(each, files)]));
	const libraries = [...new Set([...late.values()].flat())];
	if (libraries.length > 0) {
		log(
			'warn',
			`${libraries.join(', ')} had been loaded when telemetry started: what instruments ${libraries.length === 1 ? 'it' : 'them'} is left out, for it would see nothing. Start telemetry first, by \`node --import ./build/otel/register.js server.js\`, and import no such library in src/instrumentation.server`
		);
	}
	return instrumentations.filter((each) => late.get(each)!.length === 0);
}

function lateLibraries(instrumentation: Instrumentation, files: readonly string[]): string[] {
	return patchingPartsOf(instrumentation)
		.flatMap(({ _modules }) => _modules)
		.filter(
			({ name, moduleExports }) =>
				!moduleExports && files.some((file) => file.includes(['', 'node_modules', name, ''].join('/')))
		)
		.map(({ name }) => name);
}
