import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

import { type NodeVersion, nodeVersions } from '../support/node-binary.ts';
import { runOnNode } from '../support/run-on-node.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const COUNT = 1000;
const repository = new URL('../..', import.meta.url);

/** Hooks as the server does, imports the graph, and writes what was wrapped. */
const MAIN = `
	import { addHook } from ${JSON.stringify(new URL('node_modules/import-in-the-middle/index.js', repository).href)};
	import { installImportHooks } from ${JSON.stringify(new URL('files/instrumentation/import-hooks.ts', repository).href)};

	const wrapped = [];
	addHook((url) => void wrapped.push(url.split('/').slice(-2).join('/')));
	await installImportHooks([
		{
			_modules: [{ name: 'database', files: [{ name: 'database/deep.js' }] }, { name: 'dns' }],
			_onRequire: (definition, exports) => exports
		}
	]);
	const { sum } = await import('./m0.js');
	console.log(JSON.stringify({ wrapped: wrapped.sort(), sum }));
`;

describe('import hooks', () => {
	let dir: string;

	beforeAll(async () => {
		dir = makeTempDir();
		const files: Record<string, string> = {
			'package.json': '{ "type": "module" }',
			'main.js': MAIN,
			'node_modules/database/package.json': '{ "type": "module", "exports": { ".": "./main.js" } }',
			'node_modules/database/main.js': `export { deep } from './deep.js'; import './other.js';`,
			'node_modules/database/deep.js': `export const deep = 1;`,
			'node_modules/database/other.js': `export const other = 1;`
		};
		for (let index = 0; index < COUNT; index++) {
			// wide rather than deep: Node goes down with its stack
			const below = Array.from({ length: 10 }, (_, nth) => index * 10 + nth + 1).filter((nth) => nth < COUNT);
			files[`m${index}.js`] = [
				`import { deep } from 'database'; import 'node:dns'; import 'node:path';`,
				...below.map((nth) => `import { sum as sum${nth} } from './m${nth}.js';`),
				`export const sum = ${['deep', ...below.map((nth) => `sum${nth}`)].join(' + ')};`
			].join('\n');
		}
		for (const [name, text] of Object.entries(files)) {
			await mkdir(join(dir, name, '..'), { recursive: true });
			await writeFile(join(dir, name), text);
		}
	});

	test.each(Object.keys(nodeVersions) as NodeVersion[])(
		`wrap of ${COUNT} modules only what is named, without a deprecation warning, on Node %s`,
		async (version) => {
			const { stdout, stderr } = await runOnNode(version, dir);
			expect(stderr).toBe('');
			expect(JSON.parse(stdout)).toEqual({
				wrapped: ['database/deep.js', 'database/main.js', 'node:dns'],
				sum: COUNT
			});
		}
	);
});
