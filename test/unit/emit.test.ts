import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { makeTempDir } from '../support/temp-dir.ts';

// what is emitted lies beside the built module
const built = new URL('../../dist/emit.js', import.meta.url).href;
const { emit } = (await import(built)) as typeof import('../../src/emit.ts');

/** adapter-node's output with these modules beside its entries, after ours was added. */
async function emitInto(modules: Record<string, string>, paths: Record<string, string> = {}) {
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
		instrumentation: undefined,
		libraries: { instrumentations: [], messages: [] },
		outside: undefined,
		inFront: undefined
	} as unknown as Parameters<typeof emit>[0]);
	const read = (file: string): string => readFileSync(path.join(out, file), 'utf8');
	const manifestUrl = pathToFileURL(path.join(out, 'otel/build-manifest.js')).href;
	const manifest = (await import(manifestUrl)) as { default: unknown };
	return { read, manifest: manifest.default };
}

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

test('the server gets to know what the build knows', async () => {
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
