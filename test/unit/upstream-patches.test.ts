import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { makeTempDir } from '../support/temp-dir.ts';

const NODE_FILE = 'lib/internal/async_local_storage/async_context_frame.js';

/** Node's own source, which is part of the program. */
const nodeSource = (): string =>
	execFileSync(process.execPath, [
		'--no-deprecation',
		'-e',
		`process.stdout.write(process.binding('natives')['${NODE_FILE.slice('lib/'.length, -'.js'.length)}'])`
	]).toString();

/** Copies of what is patched, as in the repository that the patch is for. */
const copies: Record<string, (directory: string) => void> = {
	'record-span.patch': (directory) =>
		cpSync('node_modules/@sveltejs/kit/src', join(directory, 'packages/kit/src'), { recursive: true }),
	'async-local-storage.patch': (directory) => {
		mkdirSync(join(directory, dirname(NODE_FILE)), { recursive: true });
		writeFileSync(join(directory, NODE_FILE), nodeSource());
	}
};

test.each(Object.entries(copies))('%s applies to the installed version', (patch, copy) => {
	const directory = makeTempDir();
	copy(directory);
	const apply = (...args: string[]): string =>
		execFileSync('git', ['apply', ...args, resolve('docs/upstream', patch)], {
			cwd: directory,
			stdio: 'pipe'
		}).toString();
	apply();
	// not without having applied it: git passes over files that it takes for those of another repository
	expect(() => apply('--check')).toThrow('does not apply');
});
