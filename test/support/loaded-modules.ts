import { readFile, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type RunningServer, startServer } from './server.ts';
import { makeTempDir } from './temp-dir.ts';

const recorder = new URL('./record-modules.mjs', import.meta.url).href;

/**
 * Runs a server to its end and resolves with the files that it loaded, relative to the directory that
 * holds `build`; Node's own modules are left out.
 */
export async function loadedModules(
	build: string,
	env: Record<string, string>,
	use: (server: RunningServer) => Promise<void>
): Promise<string[]> {
	const dir = makeTempDir();
	const file = join(dir, 'modules.json');
	const server = await startServer(build, {
		env: { ...env, RECORD_MODULES_TO: file },
		execArgv: ['--import', recorder]
	});
	await use(server);
	await server.stop();
	const urls = JSON.parse(await readFile(file, 'utf8')) as string[];
	const root = await realpath(join(build, '..'));
	return urls.filter((url) => url.startsWith('file:')).map((url) => relative(root, fileURLToPath(url)));
}
