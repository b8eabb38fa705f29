import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

import { installShared } from '../support/install.ts';
import { type NodeVersion, nodeVersions } from '../support/node-binary.ts';
import { runOnNode } from '../support/run-on-node.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/*
 * Each brings another `import-in-the-middle` along, from 1.4 on: those before 1.9 wrap every module, those of
 * 2 and later know an include list, and from 3 on synchronous hooks.
 */
const BASE_CLASSES = ['0.41.2', '0.46.0', '0.52.1', '0.57.2', '0.203.0', '0.220.0', '0.301.1'];

const dependencies = Object.fromEntries(
	BASE_CLASSES.map((version) => [`base-${version}`, `npm:@opentelemetry/instrumentation@${version}`])
);

/** What instrumentations of all base classes patch, and what none does. */
const FILES: Record<string, string> = {
	'package.json': '{ "type": "module" }',
	'node_modules/esm/package.json': '{ "version": "1.2.3", "type": "module", "exports": "./index.js" }',
	'node_modules/esm/index.js': 'export let seenBy = []; export class Unseen {}',
	'node_modules/cjs/package.json': '{ "version": "1.2.3" }',
	'node_modules/cjs/index.js': 'exports.seenBy = []; exports.default = "of its own";',
	'node_modules/callable/package.json': '{ "version": "1.2.3" }',
	'node_modules/callable/index.js': 'module.exports = function () { return [this.name]; };',
	'node_modules/broken/package.json': '{ "version": "1.2.3" }',
	'node_modules/broken/index.js': 'exports.work = () => "plain";',
	'node_modules/untouched/package.json': '{ "version": "1.2.3", "type": "module", "exports": "./index.js" }',
	'node_modules/untouched/index.js': 'export let seenBy = []; export const { url } = import.meta;',
	'app.js': `
		import { createRequire } from 'node:module';
		import callable from 'callable';
		import * as cjs from 'cjs';
		import * as esm from 'esm';
		import { work } from 'broken';
		import { seenBy as untouched } from 'untouched';

		const required = createRequire(import.meta.url)('cjs');
		export const result = {
			esm: esm.seenBy,
			cjs: cjs.seenBy,
			cjsDefault: cjs.default.seenBy,
			required: required.seenBy,
			callable: callable.call({ name: 'plain' }),
			broken: work(),
			untouched
		};
	`,
	'main.js': `
		import { instrument } from ${JSON.stringify(new URL('../../files/instrumentation/instrumentations.ts', import.meta.url).href)};
		import { createRequire } from 'node:module';

		const require = createRequire(import.meta.url);
		const calls = {};
		function create(version) {
			const { InstrumentationBase, InstrumentationNodeModuleDefinition } = require('base-' + version);
			const call = (name) => (calls[version] ??= []).push(name);
			return new (class extends InstrumentationBase {
				// without a value it empties what the constructor has filled, as instrumentations do
				counter;
				constructor() { super('by-' + version, '1.0.0', {}); }
				init() {
					const define = (name, patch) => new InstrumentationNodeModuleDefinition(name, ['>=1'], patch);
					return [
						...['esm', 'cjs'].map((name) => define(name, (exports) => {
							exports.seenBy = [...exports.seenBy, version];
							return exports;
						})),
						define('callable', (exports) => function () {
							return [...exports.apply(this), version];
						}),
						define('broken', (exports) => {
							exports.work = () => 'patched';
							exports.missing.method();
						})
					];
				}
				_updateMetricInstruments() { this.counter = this.meter.createCounter('calls'); }
				setTracerProvider(provider) { call('tracer'); super.setTracerProvider(provider); }
				setMeterProvider(provider) { call('meter'); super.setMeterProvider(provider); this.counter.add(1); }
				setLoggerProvider(provider) { call('logger'); provider.getLogger('x').emit({}); super.setLoggerProvider?.(provider); }
			})();
		}
		const versions = ${JSON.stringify(BASE_CLASSES)};
		const { names } = await instrument([], versions.map(create), {});
		const { result } = await import('./app.js');
		console.log(JSON.stringify({ names, calls, result }));
	`
};

describe('instrumentations of all base classes', () => {
	let dir: string;

	beforeAll(async () => {
		const installed = await installShared({
			dependencies: { ...dependencies, '@opentelemetry/api': '1.10.0' },
			devDependencies: {}
		});
		dir = makeTempDir(installed);
		for (const [name, text] of Object.entries(FILES)) {
			await mkdir(join(dir, name, '..'), { recursive: true });
			await writeFile(join(dir, name), text);
		}
	});

	test.each(Object.keys(nodeVersions) as NodeVersion[])(
		'are registered as by upstream, patch their modules once, and harm nothing, on Node %s',
		async (version) => {
			const { stdout, stderr } = await runOnNode(version, dir);
			const lines = stderr.trim().split('\n');
			expect(lines).toHaveLength(BASE_CLASSES.length);
			for (const line of lines) {
				expect(line).toMatch(/^adapter-node-otel: by-\S+ 1\.0\.0 could not patch broken 1\.2\.3 \(TypeError/);
			}
			const { names, calls, result } = JSON.parse(stdout);
			expect(names).toEqual(BASE_CLASSES.map((each) => `by-${each}`));
			expect(calls).toEqual(
				Object.fromEntries(BASE_CLASSES.map((each) => [each, ['tracer', 'meter', 'logger']]))
			);
			expect(result).toEqual({
				esm: BASE_CLASSES,
				cjs: BASE_CLASSES,
				cjsDefault: BASE_CLASSES,
				required: BASE_CLASSES,
				callable: ['plain', ...BASE_CLASSES],
				broken: 'plain',
				untouched: []
			});
		}
	);
});
