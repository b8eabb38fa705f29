import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { importInstrumentation } from '../../src/emit.ts';
import { buildApp, copyBuild } from '../support/app.ts';
import { startTraced } from '../support/traced-server.ts';
import { combinations } from './combinations.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const SERVER = `
	import { createServer } from 'node:http';
	import { handler } from './build/handler.js';
	createServer(handler).listen(process.env.PORT, '127.0.0.1', () => console.log('Listening on http://127.0.0.1'));
	process.on('SIGUSR2', () => process.exit(7));
`;

const FILE = `
	console.error('the file of the app runs');
	export const configuration = { resourceAttributes: { 'from.file': 'yes' } };
`;

describe.each(combinations)('%s: an output that is bundled into one file', (combination) => {
	let dir: string;

	beforeAll(async () => {
		const app = await buildApp({ combination });
		dir = makeTempDir();
		await copyBuild(app, dir);
		await writeFile(join(dir, 'server.js'), SERVER);
		// as the build does for a `src/instrumentation.server` file
		const register = join(dir, 'build/otel/register.js');
		await writeFile(register, importInstrumentation(await readFile(register, 'utf8')));
		await writeFile(join(dir, 'build/otel/instrumentation.js'), FILE);
	});

	test.each([
		['build/index.js', 'SIGTERM', 0],
		['server.js', 'SIGUSR2', 7]
	] as const)('is traced: %s', async (entry, signal, code) => {
		const outfile = join(dir, `one-${entry.replace('/', '-').replace('.js', '.mjs')}`);
		await build({
			entryPoints: [join(dir, entry)],
			outfile,
			bundle: true,
			platform: 'node',
			format: 'esm',
			logLevel: 'silent'
		});
		await using traced = await startTraced(join(dir, 'build'), {
			entry: outfile,
			env: { OTEL_BSP_SCHEDULE_DELAY: '60000' }
		});
		expect((await traced.server.fetch('/blog/a')).status).toBe(200);
		traced.server.signal(signal);
		expect(await traced.server.exited).toEqual({ code, signal: null });
		expect(traced.receiver.spans.map(({ name }) => name)).toContain('GET /blog/[slug]');
		expect(traced.server.stderr()).not.toMatch(/failed|bug|lost/);
		expect(traced.server.stderr().split('the file of the app runs')).toHaveLength(2);
		expect(traced.receiver.spans[0]!.resource['from.file']).toBe('yes');
	});
});
