import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { findPackage } from '../project/project.ts';
import { type Copied, NOTHING } from './copied.ts';
import { copyPackages } from './copy.ts';
import { BASE } from './find.ts';
import type { Instrumented } from './libraries.ts';

/**
 * Copies the instrumentations that production would not have into the output, with all that they need and
 * where nothing but telemetry finds it.
 *
 * @param instrumentations all that the server is to load
 * @param out adapter-node's output
 */
export async function bringInstrumentations(
	instrumentations: readonly Instrumented[],
	out: string
): Promise<Copied> {
	const missing = instrumentations.filter(({ isDevelopmentOnly }) => isDevelopmentOnly);
	if (missing.length === 0) return NOTHING;
	return copyPackages(
		missing.map(({ name, from }) => ({ directory: from, specifiers: [name] })),
		path.join(out, 'otel/node_modules'),
		{ files: [...new Set(missing.flatMap(hooksOf))] }
	);
}

/** The import hooks of the copy that an instrumentation has: `files/instrumentation/import-hooks.ts` reads them by path. */
function hooksOf({ directory }: Instrumented): string[] {
	const base = findPackage(BASE, directory);
	const hooks = base && findPackage('import-in-the-middle', realpathSync(base.directory));
	if (!hooks) return [];
	return ['hook.mjs', 'register-hooks.mjs']
		.map((file) => path.join(hooks.directory, file))
		.filter((file) => existsSync(file));
}
