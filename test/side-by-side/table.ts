import { readFile, writeFile } from 'node:fs/promises';
import { PINNED } from './pinned.ts';
import type { Run } from './run.ts';

/** The page that lists what works. */
export const MANUAL = new URL('../../docs/libraries.md', import.meta.url);

const START = '<!-- written by `npm run publish:libraries` -->\n\n';
const END = '\n\n<!-- end -->';

/** The first cells of a row: the library and its instrumentation, as they were compared. */
export function cellsOf(route: string): [library: string, instrumentation: string] {
	const { packages, instrumentation } = PINNED[route]!;
	const [library = [route, 'of Node']] = Object.entries(packages);
	return [library, instrumentation].map(([name, version]) => `\`${name}\` ${version}`) as [string, string];
}

/** The table of all libraries, with the spans that they made, or what else they are for. */
export function tableOf({ spans, strays }: Run): string {
	const rows = Object.entries(PINNED).map(([route, { instrumentation, note }]) => {
		const isOf = (scope: string): boolean => scope.startsWith(instrumentation[0]);
		const labels = [...spans[route]!, ...strays].filter(({ scope }) => isOf(scope)).map(({ label }) => label);
		const cell = [...new Set(labels)].map((label) => `\`${label}\``).join(', ');
		return [...cellsOf(route), cell || note || 'none'];
	});
	return [['library', 'instrumentation', 'spans'], ['---', '---', '---'], ...rows]
		.map((cells) => `| ${cells.join(' | ')} |`)
		.join('\n');
}

/** The table in the manual. */
export async function readTable(): Promise<string> {
	return (await readFile(MANUAL, 'utf8')).split(START)[1]!.split(END)[0]!;
}

/** Replaces the table in the manual. */
export async function publishTable(table: string): Promise<void> {
	const text = await readFile(MANUAL, 'utf8');
	await writeFile(
		MANUAL,
		text.replace(await readTable(), () => table)
	);
}
