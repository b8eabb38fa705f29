import { readFileSync, readdirSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { init, parse } from 'es-module-lexer';
import { beforeAll, describe, expect, test } from 'vitest';
import { FIRST_PARTS, type Part, sumOf, weighParts } from '../weight/parts.ts';

/*
 * What is emitted into every build: the artefact, not its sources. `npm run build` makes it.
 */
const dist = fileURLToPath(new URL('../../dist/files', import.meta.url));
const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
const code = (file: string): string => readFileSync(join(dist, file), 'utf8');

/** Files next to the emitted ones that are not emitted: adapter-node's entries and the build manifest. */
const WRITTEN_BY_THE_BUILD = new Set([
	'./adapter-node-index.js',
	'./adapter-node-handler.js',
	'./build-manifest.js'
]);

beforeAll(() => init);

describe('the emitted files', () => {
	test('are there: two facades, and otel/', () => {
		expect(files.filter((file) => !file.startsWith('otel'))).toEqual(['handler.js', 'index.js']);
		expect(files).toContain(join('otel', 'register.js'));
	});

	test.each(files)('%s imports only Node’s modules and files of its directory', (file) => {
		const specifiers = parse(code(file))[0].flatMap(({ specifier }) => specifier ?? []);
		const strangers = specifiers.filter(
			(specifier) =>
				!specifier.startsWith('node:') &&
				!builtinModules.includes(specifier) &&
				!WRITTEN_BY_THE_BUILD.has(specifier) &&
				!files.includes(join(file, '..', specifier))
		);
		expect(strangers).toEqual([]);
	});

	test.each(files)('%s contains no path of the machine that built it', (file) => {
		expect(code(file)).not.toContain(process.cwd());
		expect(code(file)).not.toContain(`${homedir()}/`);
		expect(code(file)).not.toMatch(/node_modules\//);
	});

	test.each(files)('%s is a module for each Node, without a package.json that says so', (file) => {
		// Node looks at the first error of the file as CommonJS, and Node 22.17 knows these only
		const known =
			/^(?:Cannot use import statement|Unexpected token 'export'|Cannot use 'import.meta'|await is only valid)/;
		expect(() => compileFunction(code(file))).toThrow(
			expect.objectContaining({ message: expect.stringMatching(known) })
		);
	});

	test('come with the licences of the bundled packages', () => {
		const licences = readFileSync(join(dist, 'otel', 'THIRD-PARTY-LICENSES.txt'), 'utf8');
		for (const name of ['@opentelemetry/api', '@opentelemetry/sdk-trace', '@opentelemetry/core']) {
			expect(licences).toContain(`${name} `);
		}
		expect(licences).toContain('Apache License');
	});
});

describe('the budget', () => {
	const size = (file: string): number => statSync(join(dist, 'otel', file)).size;

	test('of register.js, the one file that is read when telemetry is off, is 4 KB', () => {
		expect(size('register.js')).toBeLessThan(4 * 1024);
	});

	test('of all modules of otel/ is 470 KB', () => {
		const all = files
			.filter((file) => file.startsWith('otel'))
			.reduce((sum, file) => sum + statSync(join(dist, file)).size, 0);
		expect(all).toBeLessThan(470 * 1024);
	});

	test('of traces and the configuration file is half of the 515 KB that they once had', () => {
		expect(sumOf(weighParts(), FIRST_PARTS)).toBeLessThan(515_000 / 2);
	});

	test('is told in the manual, part by part', () => {
		const page = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8');
		for (const [part, bytes] of Object.entries(weighParts()) as [Part, number][]) {
			const [, kilobytes] = new RegExp(`^\\| ${part} \\| (\\d+) \\|$`, 'm').exec(page) ?? [];
			expect(Math.abs(Number(kilobytes) * 1000 - bytes), part).toBeLessThan(1000 + bytes / 20);
		}
	});
});

test('classes that OpenTelemetry names in messages keep their names', () => {
	for (const name of ['W3CTraceContextPropagator', 'W3CBaggagePropagator', 'HostDetector'])
		expect(code('otel/start.js')).toContain(`static name="${name}"`);
});
