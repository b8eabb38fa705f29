import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { importInstrumentation } from '../../src/emit.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const emitted = path.join(import.meta.dirname, '../../dist/files/otel');

/** Two apps in one process, each with an instrumentation file that says so. */
async function runTwo(env: Record<string, string>): Promise<string[]> {
	const dir = makeTempDir();
	const entries = ['first', 'second'].map((name) => {
		cpSync(emitted, path.join(dir, name), { recursive: true });
		writeFileSync(path.join(dir, name, 'package.json'), '{ "type": "module" }');
		writeFileSync(path.join(dir, name, 'instrumentation.js'), `console.log('${name}');`);
		const register = path.join(dir, name, 'register.js');
		writeFileSync(register, importInstrumentation(readFileSync(register, 'utf8')));
		return pathToFileURL(register).href;
	});
	const code = entries.map((entry) => `await import(${JSON.stringify(entry)});`).join('\n');
	const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
		env
	});
	return stdout.split('\n').filter(Boolean);
}

test('the instrumentation files of two apps in one process run, as SvelteKit promises', async () => {
	expect(await runTwo({})).toEqual(['first', 'second']);
});

test('neither runs with OTEL_SDK_DISABLED=true', async () => {
	expect(await runTwo({ OTEL_SDK_DISABLED: 'true' })).toEqual([]);
});
