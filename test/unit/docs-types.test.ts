import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { exec } from '../support/exec.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/*
 * The manual's `src/instrumentation.server.js` is type-checked in a project, as if it was copied there.
 */
const repository = fileURLToPath(new URL('../..', import.meta.url));

let dir: string;

beforeEach(() => {
	dir = makeTempDir();
});

function readBlock(): string {
	const manual = readFileSync(join(repository, 'docs/libraries.md'), 'utf8');
	return /```js\n(\/\*\* @type [^]*?)```/.exec(manual)![1]!;
}

async function check(files: Record<string, string>): Promise<string> {
	const compilerOptions = {
		allowJs: true,
		checkJs: true,
		strict: true,
		noEmit: true,
		skipLibCheck: true,
		module: 'nodenext',
		target: 'es2024',
		types: ['node'],
		typeRoots: [join(repository, 'node_modules/@types')],
		paths: { 'adapter-node-otel': [join(repository, 'dist/index.d.ts')] }
	};
	for (const [file, code] of Object.entries(files)) writeFileSync(join(dir, file), code);
	writeFileSync(join(dir, 'package.json'), '{ "type": "module" }');
	writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
	const tsc = join(repository, 'node_modules/typescript/bin/tsc');
	return (await exec(process.execPath, [tsc, '-p', dir], { cwd: dir, allowFailure: true })).stdout;
}

test('the instrumentation file in the manual has no type errors, and errors would be found', async () => {
	const code = readBlock();
	const errors = await check({ 'right.js': code, 'wrong.js': code.replace(/sampler: .*,/, 'sampler: 3,') });
	expect(errors).not.toContain('right.js');
	expect(errors).toMatch(/^wrong\.js.* Type 'number' is not assignable to type/);
	expect(errors.match(/error TS/g)).toHaveLength(1);
}, 60_000);
