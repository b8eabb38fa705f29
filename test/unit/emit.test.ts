import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { init, parse } from 'es-module-lexer';
import { describe, expect, test, vi } from 'vitest';
import { makeTempDir } from '../support/temp-dir.ts';

// the emitted files are next to the built module
const built = new URL('../../dist/emit.js', import.meta.url).href;
const { emit } = (await import(built)) as typeof import('../../src/emit.ts');

/** adapter-node's output with these modules next to its entries, after ours was added. */
async function emitInto(
	modules: Record<string, string>,
	paths: Record<string, string> = {},
	instrumentation?: { file: string }
) {
	const out = makeTempDir();
	const files = { 'index.js': '', 'handler.js': '', ...modules };
	for (const [file, code] of Object.entries(files)) {
		mkdirSync(path.dirname(path.join(out, file)), { recursive: true });
		writeFileSync(path.join(out, file), code);
	}
	const log = Object.assign(() => {}, { minor: () => {}, warn: () => {} });
	const config = { appDir: '_app', paths: { base: '', ...paths }, files: { routes: 'src/routes' } };
	await emit({
		builder: { config, log },
		out,
		envPrefix: 'APP_',
		defaults: { serviceName: 'shop' },
		instrumentation,
		libraries: { instrumentations: [], messages: [] },
		externalized: undefined,
		wrapped: undefined
	} as unknown as Parameters<typeof emit>[0]);
	const read = (file: string): string => readFileSync(path.join(out, file), 'utf8');
	const manifestUrl = pathToFileURL(path.join(out, 'otel/build-manifest.js')).href;
	const manifest = (await import(manifestUrl)) as { default: unknown };
	return { out, read, manifest: manifest.default };
}

const modulesOf = (directory: string): string[] =>
	readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((each) => each.endsWith('.js'));

const imports = `import { trace } from '@opentelemetry/api';\n`;

test.each([
	['server/index.js', `import { trace } from '../otel/api.js';\n`],
	['server/chunks/deep.js', `import { trace } from '../../otel/api.js';\n`],
	['server/chunks/module.mjs', `import { trace } from '../../otel/api.js';\n`],
	// a package keeps what it was published as
	['server/node_modules/library/index.js', imports],
	['server/node_modules/library/index.mjs', imports],
	['client/app.js', imports],
	['prerendered/page.js', imports],
	['server/text.txt', imports]
])('the API is shared with the modules of the server, and with no others: %s', async (file, code) => {
	const { read } = await emitInto({ [file]: imports });
	expect(read(file)).toBe(code);
});

test('the build manifest contains what the server needs', async () => {
	const { manifest } = await emitInto({}, { base: '/shop', origin: 'https://shop.example' });
	expect(manifest).toMatchObject({
		appDir: '_app',
		base: '/shop',
		defaults: { serviceName: 'shop' },
		distro: { name: 'adapter-node-otel' },
		envPrefix: 'APP_',
		origin: 'https://shop.example',
		routes: 'src/routes'
	});
	expect((await emitInto({})).manifest).not.toHaveProperty('origin');
});

test('the server imports the file of the app in a form that bundlers follow, if there is one', async () => {
	const file = 'server/instrumentation.server.js';
	const imported = 'import("./instrumentation.js")';
	const { read } = await emitInto({ [file]: 'export default {};' }, {}, { file });
	expect(read('otel/register.js')).toContain(imported);
	expect(read('otel/instrumentation.js')).toContain(`from "../${file}"`);
	expect((await emitInto({})).read('otel/register.js')).not.toContain(imported);
});

describe('the code for instrumentations', () => {
	const FILES = ['otel/import-hook/index.js', 'otel/make-instrumentations.js'];
	const file = 'server/instrumentation.server.js';

	/** The modules that are imported by what was emitted, and are not there. */
	async function missingIn(out: string): Promise<string[]> {
		await init;
		const otel = path.join(out, 'otel');
		const modules = modulesOf(otel);
		return modules.flatMap((each) =>
			parse(readFileSync(path.join(otel, each), 'utf8'))[0]
				.map(({ specifier }) => specifier ?? '')
				.filter((specifier) => /^\.\.?\//.test(specifier))
				.filter((specifier) => !existsSync(path.join(otel, each, '..', specifier)))
		);
	}

	test('is not emitted if the build has found none', async () => {
		const { out } = await emitInto({});
		expect(FILES.filter((each) => existsSync(path.join(out, each)))).toEqual([]);
		expect(await missingIn(out)).toEqual([]);
	});

	test('a server whose manifest lists one nevertheless logs one line, and starts', async () => {
		const { out } = await emitInto({});
		const emitted = async (module: string): Promise<Record<string, any>> =>
			(await import(pathToFileURL(path.join(out, 'otel', module)).href)) as object;
		const warn = vi.fn<(line: string) => void>();
		const { diag } = await emitted('api.js');
		diag.setLogger({ warn });
		const { instrument } = await emitted('instrumentations.js');
		expect(instrument()).toEqual({ names: [], alreadyLoaded: [] });
		expect(warn.mock.lastCall).toEqual([
			expect.stringMatching(/^this build has no code for instrumentations/)
		]);
	});

	test('is emitted if the app has a file that may create some', async () => {
		const { out } = await emitInto({ [file]: 'export default {};' }, {}, { file });
		expect(FILES.filter((each) => !existsSync(path.join(out, each)))).toEqual([]);
		expect(existsSync(path.join(out, 'otel/no-instrumentations.js'))).toBe(false);
		expect(await missingIn(out)).toEqual([]);
	});
});

test('what is emitted for an app without instrumentations is at most 384 KB, without the licences', async () => {
	const otel = path.join((await emitInto({})).out, 'otel');
	const modules = modulesOf(otel);
	const bytes = modules.reduce((sum, each) => sum + statSync(path.join(otel, each)).size, 0);
	expect(bytes).toBeLessThan(384 * 1024);
});
