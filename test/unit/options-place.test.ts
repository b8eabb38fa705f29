import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { findOptionsPlace } from '../../src/project/options-place.ts';
import { makeTempDir } from '../support/temp-dir.ts';

let dir: string;

beforeEach(() => {
	dir = makeTempDir();
});

const vite = (call: string, name = 'sveltekit'): string =>
	`import { ${name} } from '@sveltejs/kit/vite';\nconst plugins: unknown[] = [${call}];\nexport default { plugins };\n`;

test.each<
	[title: string, kit: string | undefined, files: Record<string, string>, file: string, kind: string]
>([
	['what `sv create` makes', '2.70.4', { 'vite.config.ts': vite('sveltekit({})') }, 'vite.config.ts', 'vite'],
	['no options yet', '2.70.4', { 'vite.config.ts': vite('sveltekit()') }, 'vite.config.ts', 'vite'],
	[
		'options in svelte.config',
		'2.70.4',
		{ 'vite.config.ts': vite('sveltekit()'), 'svelte.config.ts': '' },
		'svelte.config.ts',
		'svelte'
	],
	[
		'in both, of which SvelteKit ignores svelte.config',
		'2.70.4',
		{ 'vite.config.ts': vite('sveltekit({})'), 'svelte.config.js': '' },
		'vite.config.ts',
		'vite'
	],
	[
		'by another name, from elsewhere',
		undefined,
		{ 'vite.config.mts': vite('kit(options)', 'sveltekit as kit'), 'svelte.config.js': '' },
		'vite.config.mts',
		'vite'
	],
	[
		'a SvelteKit that reads svelte.config alone',
		'2.61.9',
		{ 'vite.config.js': vite('sveltekit({})') },
		'svelte.config.js',
		'svelte'
	],
	[
		'what cannot be read',
		'2.70.4',
		{ 'vite.config.js': '<', 'svelte.config.js': '' },
		'svelte.config.js',
		'svelte'
	],
	['SvelteKit 3', '3.2.0', { 'vite.config.js': vite('sveltekit({})') }, 'vite.config.js', 'vite']
])('%s, SvelteKit %s', async (_, kit, files, file, kind) => {
	for (const [name, text] of Object.entries(files)) writeFileSync(path.join(dir, name), text);
	expect(await findOptionsPlace(dir, kit)).toEqual({ file, kind });
});
