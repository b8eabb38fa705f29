import path from 'node:path';
import { type Copied, NOTHING } from './copied.ts';
import { copyPackages } from './copy.ts';
import type { Instrumented } from './libraries.ts';

/**
 * Copies the instrumentations that production would not have into the output, with all their dependencies.
 * They are copied to a directory where only telemetry finds them.
 *
 * @param instrumentations all instrumentations that the server loads
 * @param out adapter-node's output
 */
export async function copyInstrumentations(
	instrumentations: readonly Instrumented[],
	out: string
): Promise<Copied> {
	const missing = instrumentations.filter(({ isDevelopmentOnly }) => isDevelopmentOnly);
	if (missing.length === 0) return NOTHING;
	return copyPackages(
		missing.map(({ name, from }) => ({ directory: from, specifiers: [name] })),
		path.join(out, 'otel/node_modules')
	);
}
