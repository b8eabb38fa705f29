import { createRequire } from 'node:module';
import path from 'node:path';

/** A package's version, and its program of the same name. */
export function packageOf(
	name: string,
	from: string = import.meta.dirname
): { version: string; bin: string } {
	const require = createRequire(path.join(from, 'package.json'));
	const file = require.resolve(`${name}/package.json`);
	const { version, bin } = require(file) as { version: string; bin: Record<string, string> };
	return { version, bin: path.join(file, '..', bin[name]!) };
}
