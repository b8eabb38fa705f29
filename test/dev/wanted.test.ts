import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import type { App } from '../support/app.ts';
import { matrix } from '../support/matrix.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { type ViteServer, startVite } from '../support/vite-server.ts';
import { buildDevApp } from './app.ts';

const recorder = new URL('../support/record-modules.mjs', import.meta.url).href;

describe.each(combinations)('%s: nothing is loaded until it is needed', (combination) => {
	const { generation } = matrix[combination];
	let app: App;

	beforeAll(async () => {
		app = await buildDevApp(combination);
	});

	/** The files that Vite's server reads until it ends. */
	const modulesOf = async (
		command: 'dev' | 'preview',
		use: (server: ViteServer) => Promise<unknown>
	): Promise<string[]> => {
		const file = path.join(makeTempDir(), 'modules.json');
		const server = await startVite(app.dir, command, {
			env: { RECORD_MODULES_TO: file },
			execArgv: ['--import', recorder]
		});
		await use(server);
		await server.stop();
		return JSON.parse(await readFile(file, 'utf8')) as string[];
	};

	const isOurs = (url: string): boolean => /\.svelte-kit\/otel\//.test(url);
	const isOfOpenTelemetry = (url: string): boolean => /opentelemetry|import-in-the-middle/.test(url);

	test.each(['dev', 'preview'] as const)('%s reads no module', async (command) => {
		const modules = await modulesOf(command, async (server) => {
			expect((await server.fetch('/blog/hello')).status).toBe(200);
		});
		expect(modules.filter(isOurs)).toEqual([]);
		// SvelteKit 2 reads the API itself where its tracing is on
		expect(modules.some(isOfOpenTelemetry)).toBe(generation === 2);
	});

	test('the recorder works: opening the page loads the modules', async () => {
		const modules = await modulesOf('dev', async (server) => (await server.fetch('/__otel')).text());
		expect(modules.filter(isOurs).map((url) => path.basename(url))).toEqual(
			expect.arrayContaining(['dev.js', 'page.js', 'start.js'])
		);
	});

	test('nothing of the page is in the built server', async () => {
		const files = await readdir(app.build, { recursive: true, withFileTypes: true });
		const texts = await Promise.all(
			files
				.filter((file) => file.isFile())
				.map((file) => readFile(path.join(file.parentPath, file.name), 'latin1'))
		);
		expect(texts.length).toBeGreaterThan(10);
		// what only the page, its server and the dev server have
		for (const mark of ['__otel', 'createDevRuntime', 'Errors only', 'vite.transform']) {
			expect(texts.filter((text) => text.includes(mark))).toEqual([]);
		}
	});
});
