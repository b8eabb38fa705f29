import { importVite } from '../project/vite.ts';

/** What comes from `.env` files so far, by name: a variable of the process wins, also one that is set later. */
const taken = new Map<string, string>();

/**
 * Puts the `OTEL_*` variables of the project's `.env` files into the environment of the process, where
 * `node --env-file` puts them in production. What is gone from the files since is taken out again.
 *
 * @param mode Vite's, which names some of the files
 * @param directory of the files; false for none
 */
export async function readEnvFiles(mode: string, directory: string | false): Promise<void> {
	for (const [name, value] of taken) if (process.env[name] === value) delete process.env[name];
	taken.clear();
	if (directory === false) return;

	const { loadEnv } = await importVite();
	for (const [name, value] of Object.entries(loadEnv(mode, directory, 'OTEL_'))) {
		if (process.env[name] !== undefined) continue;
		process.env[name] = value;
		taken.set(name, value);
	}
}
