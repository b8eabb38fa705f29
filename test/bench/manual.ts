import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));

/** The lines before and after the tables in the manual. */
const START = '<!-- bench: written by `npm run bench -- --publish` -->';
const END = '<!-- /bench -->';

/**
 * Replaces the tables and the plot.
 *
 * @param tables Markdown
 * @param plot the picture's path, seen from the page
 * @throws {Error} if the page does not have these lines
 */
export async function updateManual(tables: string, plot: string): Promise<void> {
	const text = await readFile(file, 'utf8');
	const start = text.indexOf(START);
	const end = text.indexOf(END);
	if (start < 0 || end < start)
		throw new Error(`docs/performance.md has no place for the tables: ${START} … ${END}`);
	const picture = `![CPU time per request, by variant](${plot})`;
	const section = [START, picture, tables, END].join('\n\n');
	await writeFile(file, text.slice(0, start) + section + text.slice(end + END.length));
}
