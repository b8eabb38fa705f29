import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { cleanEnv } from '../support/clean-env.ts';
import { exec } from '../support/exec.ts';
import { installShared } from '../support/install.ts';
import { type NodeVersion, nodeBinary, nodeVersions } from '../support/node-binary.ts';

/** The newer one knows synchronous hooks, which not every Node has; the older one has the loader alone. */
const COPIES = { newer: 'npm:import-in-the-middle@3.6.0', older: 'npm:import-in-the-middle@2.0.6' };

/** The copies that the instrumentations `first` and `second` bring along. */
const PAIRS: [first: keyof typeof COPIES, second: keyof typeof COPIES][] = [
	['newer', 'older'],
	['older', 'newer'],
	['newer', 'newer'],
	['older', 'older']
];

const LIBRARIES = ['database', 'orm', 'cache', 'untouched'];

/** Imports libraries of which each instrumentation wants some, one of them both; they say who has seen them. */
const MAIN = `
	import { installImportHooks } from './files/instrumentation/import-hooks.ts';

	for (const name of ['first', 'second']) {
		const { addHook } = await import(\`./node_modules/\${name}/node_modules/import-in-the-middle/index.js\`);
		addHook((_, exports) => {
			exports.seenBy = [...exports.seenBy, name];
		});
	}
	await installImportHooks(
		new Map([
			['first', [{ name: 'database' }, { name: 'cache' }]],
			['second', [{ name: 'orm' }, { name: 'cache' }]]
		])
	);
	console.log(JSON.stringify(await import('./app.js')));
`;

const APP = LIBRARIES.map((name) => `export { seenBy as ${name} } from '${name}';`).join('\n');

describe.each(PAIRS)('instrumentations with an import-in-the-middle each, %s and %s', (...pair) => {
	let dir: string;

	beforeAll(async () => {
		const installed = await installShared({ dependencies: COPIES, devDependencies: {} });
		dir = await mkdtemp(join(installed, 'copies-'));
		// packages are looked for from where the emitted file is
		await cp(new URL('../../files/', import.meta.url), join(dir, 'files'), { recursive: true });

		const files: Record<string, string> = {
			'package.json': '{ "type": "module" }',
			'main.js': MAIN,
			'app.js': APP
		};
		for (const name of LIBRARIES) {
			files[`node_modules/${name}/package.json`] = '{ "type": "module", "exports": "./index.js" }';
			files[`node_modules/${name}/index.js`] = 'export let seenBy = [];';
		}
		for (const [index, name] of ['first', 'second'].entries()) {
			const modules = join('node_modules', name, 'node_modules');
			files[`node_modules/${name}/package.json`] = '{}';
			files[join(modules, '@opentelemetry/instrumentation/package.json')] = '{}';
			const copy = join(installed, 'node_modules', pair[index]!);
			await cp(copy, join(dir, modules, 'import-in-the-middle'), { recursive: true });
		}
		for (const [name, text] of Object.entries(files)) {
			await mkdir(join(dir, name, '..'), { recursive: true });
			await writeFile(join(dir, name), text);
		}
	});
	afterAll(() => rm(dir, { recursive: true, force: true }));

	test.each(Object.keys(nodeVersions) as NodeVersion[])(
		'see what they name, and are told of what both do, on Node %s',
		async (version) => {
			const node = await nodeBinary(version);
			const { stdout, stderr } = await exec(
				node,
				['--experimental-strip-types', '--disable-warning=ExperimentalWarning', 'main.js'],
				{ cwd: dir, env: cleanEnv(node) }
			);
			expect(stderr).toMatch(/^adapter-node-otel: first and second both instrument cache, .*\n$/);
			expect(JSON.parse(stdout)).toEqual({
				database: ['first'],
				orm: ['second'],
				cache: [expect.stringMatching(/^(first|second)$/)],
				untouched: []
			});
		}
	);
});
