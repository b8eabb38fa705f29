import { cp, lstat, realpath } from 'node:fs/promises';
import path from 'node:path';

/**
 * Copies a directory, and in place of links what they lead to: archives and copies lose links, Windows makes
 * them absolute, and what is behind them has another path than the one that an instrumentation knows it by.
 *
 * @param from a directory
 * @param to what it becomes
 */
export const copyWithoutLinks = (from: string, to: string): Promise<void> =>
	cp(from, to, {
		recursive: true,
		dereference: true,
		filter: async (source) => !(await isInItself(source))
	});

/** Whether a link leads to a directory that it is in: a package there is found on the way up, too. */
async function isInItself(source: string): Promise<boolean> {
	if (!(await lstat(source)).isSymbolicLink()) return false;
	const target = await realpath(source);
	for (let above = path.dirname(source); above !== path.dirname(above); above = path.dirname(above)) {
		if ((await realpath(above)) === target) return true;
	}
	return false;
}
