import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { App } from './app.ts';
import { makeTempDir } from './temp-dir.ts';

/** A copy of a built app that a test may change, next to the original, where its packages are. */
export interface AppCopy extends AsyncDisposable {
	readonly dir: string;
	/** Writes a file of the app. */
	write(path: string, content: string): Promise<void>;
	/** Changes Vite's configuration file, which comes to the same. */
	touchConfig(): Promise<void>;
}

/** Copies an app, for as long as the block that uses it. */
export async function copyApp(app: App): Promise<AppCopy> {
	const dir = makeTempDir(dirname(app.dir));
	await cp(app.dir, dir, { recursive: true });
	return {
		dir,
		async write(path, content) {
			await mkdir(dirname(join(dir, path)), { recursive: true });
			await writeFile(join(dir, path), content);
		},
		async touchConfig() {
			const ofCreated = join(dir, 'vite.config.ts');
			await appendFile(existsSync(ofCreated) ? ofCreated : join(dir, 'vite.config.js'), '\n');
		},
		[Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true, maxRetries: 3 })
	};
}
