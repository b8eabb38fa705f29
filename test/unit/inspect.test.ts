import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { findLibraries } from '../../src/instrumentation/libraries.ts';
import { makeTempDir } from '../support/temp-dir.ts';

// the child process is a file of its own in the built package
const built = new URL('../../dist/instrumentation/inspect.js', import.meta.url).href;
const { inspectInstrumentations } = (await import(
	built
)) as typeof import('../../src/instrumentation/inspect.ts');

test('instrumentations are inspected without the variables of the build', async () => {
	const from = makeTempDir();
	const dir = path.join(from, 'node_modules/instrumentation-of-env');
	mkdirSync(dir, { recursive: true });
	writeFileSync(path.join(from, 'package.json'), '{}');
	writeFileSync(path.join(dir, 'package.json'), '{ "type": "module", "exports": "./index.js" }');
	writeFileSync(
		path.join(dir, 'index.js'),
		`export class EnvInstrumentation {
			instrumentationName = 'env';
			enable() {}
			disable() {}
			setTracerProvider() {}
			setMeterProvider() {}
			getConfig() { return {}; }
			getModuleDefinitions() {
				return Object.keys(process.env).map((name) => ({ name, supportedVersions: ['*'] }));
			}
		}`
	);
	vi.stubEnv('NODE_OPTIONS', '--no-warnings');
	vi.stubEnv('OTEL_TRACES_EXPORTER', 'console');
	vi.stubEnv('SECRET', 'secret');
	const [inspection] = await inspectInstrumentations([
		{ name: 'instrumentation-of-env', from } as Parameters<typeof inspectInstrumentations>[0][0]
	]);
	vi.unstubAllEnvs();
	expect(inspection).toMatchObject({ isEmpty: false });
	const names = inspection!.modules.map(({ name }) => name);
	expect(names).toContain('PATH');
	for (const name of ['NODE_OPTIONS', 'OTEL_TRACES_EXPORTER', 'SECRET']) expect(names).not.toContain(name);
});

test('a name in the options that the app does not depend on is logged, with the command that installs it', async () => {
	const directory = makeTempDir();
	writeFileSync(path.join(directory, 'package.json'), '{ "dependencies": {} }');
	const { instrumentations, messages } = await findLibraries(
		{ 'instrumentation-of-nothing': {}, '@opentelemetry/instrumentation-undici': {} },
		directory
	);
	expect(instrumentations).toEqual([]);
	expect(messages).toEqual([
		expect.stringMatching(
			/^`telemetry\.instrumentations` names "instrumentation-of-nothing", .* left out\. Install it: .*instrumentation-of-nothing$/
		)
	]);
});
