// Builds `dist`, unless it is there already: one at a time, for two demos in one clone share it. Plain
// JavaScript like `install.mjs`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const stamp = join(repository, 'node_modules/.built-from-hash');
const lock = join(repository, 'node_modules/.build.lock');

const inputs = [
	'package.json',
	'package-lock.json',
	'rollup.config.js',
	'tsconfig.json',
	'tsconfig.build.json'
];
const folders = ['src', 'files'].flatMap((folder) =>
	readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => join(parentPath, name).slice(repository.length))
		.sort()
);
const hash = createHash('sha256');
for (const file of [...inputs, ...folders])
	hash.update(`${file}\0`).update(readFileSync(join(repository, file)));
const wanted = hash.digest('hex');

const isBuilt = () =>
	existsSync(join(repository, 'dist/index.js')) &&
	existsSync(stamp) &&
	readFileSync(stamp, 'utf8') === wanted;

/** `mkdir` succeeds for one of them. */
function take() {
	try {
		mkdirSync(lock);
		writeFileSync(join(lock, 'pid'), String(process.pid));
		return true;
	} catch {
		return false;
	}
}

/** Whether who has the lock is gone. */
function isAbandoned() {
	try {
		process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0);
		return false;
	} catch (error) {
		return error.code === 'ESRCH';
	}
}

while (!isBuilt() && !take()) {
	if (isAbandoned()) rmSync(lock, { recursive: true, force: true });
	else await delay(100);
}
if (!isBuilt()) {
	process.once('exit', () => rmSync(lock, { recursive: true, force: true }));
	const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
		cwd: repository,
		stdio: 'inherit',
		shell: process.platform === 'win32'
	});
	if (status !== 0) process.exit(status || 1);
	writeFileSync(stamp, wanted);
} else if (existsSync(join(lock, 'pid')) && readFileSync(join(lock, 'pid'), 'utf8') === String(process.pid)) {
	rmSync(lock, { recursive: true, force: true });
}
