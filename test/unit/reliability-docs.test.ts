import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');

/** The cells of the table below a heading, without its own head. */
function rowsBelow(heading: string): string[][] {
	const section = read('docs/reliability.md').split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
	return section
		.split('\n')
		.filter((line) => line.startsWith('|'))
		.slice(2)
		.map((line) =>
			line
				.split('|')
				.slice(1, -1)
				.map((cell) => cell.trim())
		);
}

const suitesIn = (dir: string): string[] =>
	readdirSync(new URL(dir, root))
		.filter((file) => file.endsWith('.test.ts'))
		.map((file) => file.replace('.test.ts', ''));

test('each fault of the manual names its test, and no test is left out', () => {
	const named = rowsBelow('What happens when…').map((cells) => cells.at(-1)!.replaceAll('`', ''));
	expect(named.length).toBeGreaterThan(10);
	const known = new Set([...suitesIn('test/reliability'), ...suitesIn('test/e2e')]);
	// what nothing can be done about has none
	expect(named.filter((name) => name !== '–' && !known.has(name))).toEqual([]);
	expect(suitesIn('test/reliability').filter((name) => !named.includes(name))).toEqual([]);
});

test('the configurations of the Collector that the manual names are there', () => {
	const files = [...read('docs/collectors.md').matchAll(/\]\(\.\.\/(test\/collector\/[^)]+)\)/g)].map(
		([, file]) => file!
	);
	expect(files.length).toBeGreaterThan(2);
	expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
});
