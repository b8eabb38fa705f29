import { cp, lstat, realpath } from 'node:fs/promises';
import path from 'node:path';

/**
 * Copies a directory and replaces links with their targets. Archives and copies lose links, and Windows
 * makes them absolute. An instrumentation also expects its library at the path of the link, not of the
 * target.
 *
 * @param from the source directory
 * @param to the target directory
 */
export const copyWithoutLinks = (from: string, to: string): Promise<void> =>
	cp(from, to, {
		recursive: true,
		dereference: true,
		filter: async (source) => !(await isInItself(source))
	});

/** Whether a link points to a directory that contains it. Such a package is also found by searching upward. */
async function isInItself(source: string): Promise<boolean> {
	if (!(await lstat(source)).isSymbolicLink()) return false;
	const target = await realpath(source);
	for (let above = path.dirname(source); above !== path.dirname(above); above = path.dirname(above)) {
		if ((await realpath(above)) === target) return true;
	}
	return false;
}
