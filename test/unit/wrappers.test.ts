import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Unwrapped, wrapModules } from '../../src/kit/wrappers.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const KIT = fileURLToPath(new URL('../../node_modules/@sveltejs/kit/', import.meta.url));

/**
 * What the build says about a SvelteKit 3 in which one module differs.
 *
 * @param file the module, in SvelteKit's package
 * @param from what is replaced
 */
async function missingWith(file: string, from: string, to: string): Promise<Unwrapped[]> {
	const root = makeTempDir();
	const directory = path.join(root, 'node_modules/@sveltejs/kit');
	for (const each of ['package.json', 'src/exports/internal', 'src/runtime'])
		cpSync(path.join(KIT, each), path.join(directory, each), { recursive: true });
	const code = readFileSync(path.join(directory, file), 'utf8');
	expect(code).toContain(from);
	writeFileSync(path.join(directory, file), code.replace(from, to));
	writeFileSync(path.join(root, 'package.json'), '{}');

	const { plugin, missing } = wrapModules();
	await (plugin.configResolved as (config: { root: string }) => Promise<void>)({ root });
	return missing();
}

const SPANS = 'each request costs a little more';
const REMOTE = 'spans of remote functions lack their names';
const RENDERING = 'rendering has no span of its own';
const internal = 'src/exports/internal/index.js';
const server = 'src/exports/internal/server/index.js';
const shared = 'src/exports/internal/shared.js';
const render = 'src/runtime/server/page/render.js';
/** Two of our modules import it. */
const withoutRedirect = [
	{ names: [`Redirect in ${internal}`], cost: SPANS },
	{ names: [`Redirect in ${internal}`], cost: REMOTE }
];

describe('what a SvelteKit lacks for our modules, so that they are left out and the build goes on', () => {
	test.each([
		['nothing', server, 'otel', 'otel', []],
		[
			'nothing, if it also re-exports what cannot be read here',
			server,
			"export * from '../shared.js'",
			"export * from 'node:events'; export * from 'not-installed'; export * from '../shared.js'",
			[]
		],
		[
			'an export that ours replaces',
			render,
			'function render_response',
			'function render',
			[{ names: [`render_response in ${render}`], cost: RENDERING }]
		],
		[
			'an export that ours imports',
			server,
			'init_tracing, otel,',
			'init_tracing,',
			[{ names: [`otel in ${server}`], cost: SPANS }]
		],
		[
			'an export that ours imports, which is re-exported twice',
			shared,
			'export class Redirect',
			'class Redirect',
			withoutRedirect
		],
		[
			'an export that ours imports, of modules that re-export each other',
			shared,
			'export class Redirect',
			"export * from './server/index.js'; class Redirect",
			withoutRedirect
		],
		[
			'a module that re-exports',
			internal,
			"'#internal'",
			"'#renamed'",
			[
				{ names: [internal], cost: SPANS },
				{ names: [internal], cost: REMOTE }
			]
		]
	] as const)('%s', async (_, file, from, to, expected) => {
		expect(await missingWith(file, from, to)).toEqual(expected);
	});
});
