import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeTempDir } from '../support/temp-dir.ts';

type Fill = (dir: string) => Promise<void>;

let dir: string;

// The directory is read when the module loads; a fresh module each time acts as another process.
async function loadCache(): Promise<typeof import('../support/cache.ts')> {
	vi.resetModules();
	return import('../support/cache.ts');
}

beforeAll(async () => {
	dir = makeTempDir();
	vi.stubEnv('ADAPTER_NODE_OTEL_TEST_CACHE', dir);
});

afterAll(async () => {
	vi.unstubAllEnvs();
	await rm(dir, { recursive: true });
});

test('a directory is filled once, even if several processes need it at the same time', async () => {
	const fill = vi.fn<Fill>(async (target) => writeFile(join(target, 'file'), 'content'));
	const caches = [await loadCache(), await loadCache(), await loadCache()];
	const paths = await Promise.all(
		caches.flatMap(({ cached }) => [cached('once', fill), cached('once', fill)])
	);
	expect(fill).toHaveBeenCalledOnce();
	expect(new Set(paths)).toEqual(new Set([join(dir, 'once')]));
	expect(await readFile(join(dir, 'once', 'file'), 'utf8')).toBe('content');
	expect(existsSync(join(dir, 'once.lock'))).toBe(false);
});

test('a failed or incomplete directory is created again', async () => {
	const { cached } = await loadCache();
	await expect(cached('again', () => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
	await mkdir(join(dir, 'again'), { recursive: true });
	await writeFile(join(dir, 'again', 'leftover'), '');
	await cached('again', async () => {});
	expect(existsSync(join(dir, 'again', 'leftover'))).toBe(false);
});

test('the lock of a process that has ended is ignored', async () => {
	await mkdir(join(dir, 'dead.lock'), { recursive: true });
	// Above what any system hands out.
	await writeFile(join(dir, 'dead.lock', 'pid'), '99999999');
	const { cached } = await loadCache();
	await expect(cached('dead', async () => {})).resolves.toBe(join(dir, 'dead'));
});
