import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { makeTempDir } from '../support/temp-dir.ts';

let dir: string;

beforeEach(() => {
	dir = makeTempDir();
});

const FILES = {
	'main.mjs': `
		import { registerHooks } from 'node:module';
		import { keepUnwrapped } from ${JSON.stringify(new URL('../../files/instrumentation/keep-unwrapped.ts', import.meta.url).href)};

		const seen = [];
		registerHooks({
			resolve(specifier, context, next) {
				seen.push(specifier);
				return next(specifier, context);
			}
		});
		keepUnwrapped(new URL('build/', import.meta.url).href);
		await import('./build/server/index.mjs');
		console.log(JSON.stringify(seen));
	`,
	'build/server/index.mjs': `import './own.mjs'; import 'lib';`,
	'build/server/own.mjs': '',
	// by its directory, as only \`require\` can
	'build/server/node_modules/lib/index.js': `require('./folder');`,
	'build/server/node_modules/lib/folder/index.js': ''
};

test('import hooks skip the app’s modules, but not packages in the output', () => {
	for (const [file, text] of Object.entries(FILES)) {
		mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
		writeFileSync(path.join(dir, file), text);
	}
	const main = `await import(${JSON.stringify(pathToFileURL(path.join(dir, 'main.mjs')).href)})`;
	const stdout = execFileSync(process.execPath, ['--input-type=module', '--eval', main], {
		encoding: 'utf8'
	});
	expect(JSON.parse(stdout)).toEqual(['./build/server/index.mjs', 'lib', './folder']);
});
