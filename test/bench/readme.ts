import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../../README.md', import.meta.url));

/** What stands before and after the tables in the README. */
const START = '<!-- bench: written by `npm run bench -- --readme` -->';
const END = '<!-- /bench -->';

/**
 * Puts new tables in the place of the old ones.
 *
 * @throws {Error} when the README has no place for them
 */
export async function updateReadme(tables: string): Promise<void> {
	const text = await readFile(file, 'utf8');
	const start = text.indexOf(START);
	const end = text.indexOf(END);
	if (start < 0 || end < start) throw new Error(`README.md has no place for the tables: ${START} … ${END}`);
	await writeFile(file, `${text.slice(0, start + START.length)}\n\n${tables}\n\n${text.slice(end)}`);
}
