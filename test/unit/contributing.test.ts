import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(`${root}/CONTRIBUTING.md`, 'utf8');

const sectionOf = (heading: string): string => text.split(`\n${heading}\n`)[1]!.split(/\n##/)[0]!;

test.each(['files', 'src'])('CONTRIBUTING lists every folder of %s, and no other', (half) => {
	const listed = [...sectionOf(`### Folders of \`${half}/\``).matchAll(/^\| `([\w-]+)\/` \|/gm)].map(
		([, name]) => name
	);
	const folders = readdirSync(`${root}/${half}`, { withFileTypes: true }).filter((each) =>
		each.isDirectory()
	);
	expect(listed).toEqual(folders.map(({ name }) => name).sort());
});

test('every file that CONTRIBUTING names is there', () => {
	const named = [...text.matchAll(/`([\w./-]+\.(?:ts|js|d\.ts|json|md))`/g)].map(([, file]) => file!);
	const isThere = (file: string): boolean =>
		existsSync(`${root}/${file}`) || globSync(`${root}/{files,src,test}/**/${file}`).length > 0;
	// a file of the output is named by its path there
	const emitted = new Set(['index.js', 'handler.js', 'register.js', 'otel/register.js']);
	expect(named.length).toBeGreaterThan(20);
	expect(named.filter((file) => !isThere(file) && !emitted.has(file))).toEqual([]);
});

test('CONTRIBUTING lists every suite and every bench, and every command that it lists exists', () => {
	const listed = [...text.matchAll(/npm (?:run )?([\w-]+:[\w-]+|test|bench|picture|lint)/g)].map(
		([, name]) => name!
	);
	const scripts = Object.keys(packageJson.scripts);
	expect(listed.filter((name) => !scripts.includes(name))).toEqual([]);
	expect(scripts.filter((name) => /^(test|bench)/.test(name) && !listed.includes(name))).toEqual([]);
});
