import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];

// registered before all hooks of the test file, so it runs after them: whatever uses a folder has ended
afterAll(() => {
	for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
});

/**
 * Makes a temporary folder, which is removed at the end of the test file. The linter allows no other way.
 *
 * @param parent where to make it; by default, where no `node_modules` is on the way up
 */
export function makeTempDir(parent: string = tmpdir()): string {
	const dir = mkdtempSync(join(realpathSync(parent), 'adapter-node-otel-'));
	made.push(dir);
	return dir;
}
