import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Where installed apps, Node binaries and tarballs are kept between runs. Outside the repository on
 * purpose: below it, an app would find the repository's own `node_modules`, and a package missing
 * from its dependencies would go unnoticed; and inside a `node_modules` directory Vite and Node
 * treat the app's sources as a package.
 */
export const cacheDir: string =
	process.env['ADAPTER_NODE_OTEL_TEST_CACHE'] ?? join(tmpdir(), `adapter-node-otel-test-${userName()}`);

/** A user id may have no name: `docker run --user 12345`. */
function userName(): string {
	try {
		return userInfo().username;
	} catch {
		return String(process.getuid?.());
	}
}

/** A short, stable name for any JSON value. */
export function hashOf(value: unknown): string {
	return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

const marker = '.complete';
const running = new Map<string, Promise<string>>();

/**
 * Fills a directory of the cache once, for the first caller: other callers, in this process and in
 * others, wait for it. Resolves with its path. What an interrupted run has left is created again.
 */
export function cached(name: string, fill: (dir: string) => Promise<void>): Promise<string> {
	const known = running.get(name);
	if (known) return known;
	const dir = join(cacheDir, name);
	const filled = fillOnce(dir, fill);
	running.set(name, filled);
	// A failure is not remembered: it may be a temporary one of the registry.
	filled.catch(() => running.delete(name));
	return filled;
}

async function fillOnce(dir: string, fill: (dir: string) => Promise<void>): Promise<string> {
	const isComplete = (): boolean => existsSync(join(dir, marker));
	if (isComplete()) {
		const now = new Date();
		await utimes(join(dir, marker), now, now);
		return dir;
	}
	const unlock = await lock(`${dir}.lock`);
	// an interrupted caller leaves neither a lock nor an incomplete directory
	const abandon = (): void => {
		if (!isComplete()) rmSync(dir, { recursive: true, force: true });
		rmSync(`${dir}.lock`, { recursive: true, force: true });
	};
	process.once('exit', abandon);
	try {
		if (isComplete()) return dir;
		await rm(dir, { recursive: true, force: true });
		await mkdir(dir, { recursive: true });
		await fill(dir);
		await writeFile(join(dir, marker), '');
		return dir;
	} finally {
		process.off('exit', abandon);
		await unlock();
	}
}

// An installation is some 60 MB, and every change of the package asks for new ones.
const keptEntries = 24;
const keptMs = 60 * 60 * 1000;

/** Removes from a directory of the cache what was not used lately, beyond a number that may stay. */
export async function prune(name: string): Promise<void> {
	const dir = join(cacheDir, name);
	const entries = await Promise.all(
		(await readdir(dir)).map(async (entry) => {
			const used = await stat(join(dir, entry, marker)).catch(() => undefined);
			return { path: join(dir, entry), usedAt: used?.mtimeMs };
		})
	);
	const cutoff = Date.now() - keptMs;
	const surplus = entries
		.filter((entry): entry is { path: string; usedAt: number } => entry.usedAt !== undefined)
		.sort((a, b) => b.usedAt - a.usedAt)
		.slice(keptEntries)
		.filter(({ usedAt }) => usedAt < cutoff);
	await Promise.all(surplus.map(({ path }) => rm(path, { recursive: true, force: true })));
}

/** A lock between processes: `mkdir` succeeds for one of them. The dead do not keep it. */
async function lock(path: string): Promise<() => Promise<void>> {
	await mkdir(join(path, '..'), { recursive: true });
	for (;;) {
		try {
			await mkdir(path);
			await writeFile(join(path, 'pid'), String(process.pid));
			return () => rm(path, { recursive: true, force: true });
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		}
		if (await isAbandoned(path)) await rm(path, { recursive: true, force: true });
		// There is no event for another process's lock; file watching is not reliable everywhere.
		else await delay(50);
	}
}

async function isAbandoned(path: string): Promise<boolean> {
	const pid = Number(await readFile(join(path, 'pid'), 'utf8').catch(() => ''));
	if (!pid) {
		// Its owner is about to write the number, or died just then.
		const made = await stat(path).catch(() => undefined);
		return made !== undefined && Date.now() - made.mtimeMs > 10_000;
	}
	try {
		process.kill(pid, 0);
		return false;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ESRCH';
	}
}
