import { importVite } from '../project/vite.ts';

/**
 * The variables read from `.env` files so far, by name. A variable of the process takes precedence, even
 * if it is set later.
 */
const fromFiles = new Map<string, string>();

/**
 * Copies the `OTEL_*` variables of the project's `.env` files to the environment of the process. In
 * production `node --env-file` does this. Variables that were removed from the files are removed from the
 * environment too.
 *
 * @param mode Vite's mode, which selects some of the files
 * @param directory the directory of the files; false for none
 */
export async function readEnvFiles(mode: string, directory: string | false): Promise<void> {
	for (const [name, value] of fromFiles) if (process.env[name] === value) delete process.env[name];
	fromFiles.clear();
	if (directory === false) return;

	const { loadEnv } = await importVite();
	for (const [name, value] of Object.entries(loadEnv(mode, directory, 'OTEL_'))) {
		if (process.env[name] !== undefined) continue;
		process.env[name] = value;
		fromFiles.set(name, value);
	}
}
