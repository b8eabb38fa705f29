import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type App, copyBuild } from '../support/app.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/** A build with a custom server next to it. */
export interface CustomServer extends AsyncDisposable {
	build: string;
	/** What to run: `entry` of `startServer`. */
	entry: string;
}

/**
 * Writes a server around `build/handler.js`, as users do.
 *
 * @param app what is served
 * @param ending what it does at its end: a module's code that sees `server`, `shutdown` and `process`
 */
export async function writeCustomServer(app: App, ending: string): Promise<CustomServer> {
	const dir = makeTempDir();
	const build = await copyBuild(app, dir);
	const entry = join(dir, 'server.mjs');
	await writeFile(
		entry,
		`import { createServer } from 'node:http';
import { handler } from './build/handler.js';
import { shutdown } from './build/otel/register.js';

const server = createServer((req, res) => {
	if (server.listening === false) res.setHeader('connection', 'close');
	handler(req, res);
});
server.listen(process.env.PORT, '127.0.0.1', () => console.log('Listening on http://127.0.0.1'));
${ending}
`
	);
	return { build, entry, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}
