import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import {
	describeBundled,
	findIneffective,
	findBundled,
	sourcesOf
} from '../../src/instrumentation/bundled.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const instrumentations = [
	{
		name: '@opentelemetry/instrumentation-pg',
		modules: ['pg', 'pg-pool', 'pg-native']
	}
];

function install(app: string, name: string, dependencies: Record<string, string> = {}): void {
	const directory = join(app, 'node_modules', name);
	mkdirSync(directory, { recursive: true });
	writeFileSync(join(directory, 'package.json'), JSON.stringify({ name, dependencies }));
}

test.each([
	['in devDependencies', { devDependencies: { pg: '8' } }, 'Move pg from devDependencies to dependencies'],
	['brought along by another', {}, 'npm i pg'],
	['kept inside by Vite', { dependencies: { pg: '8' } }, 'Exclude pg from `ssr.noExternal`']
])('a bundled library that is %s is logged, with what to do', (_, manifest, remedy) => {
	const sources = ['../../../node_modules/pg/lib/index.js', '../../../node_modules/pg-pool/index.js'];
	const bundled = findBundled(instrumentations, sources, manifest);
	const app = makeTempDir();
	install(app, 'pg', { 'pg-pool': '3' });
	install(app, 'pg-pool');
	const [message, ...others] = describeBundled(instrumentations, bundled, app);
	expect(message).toContain('pg, pg-pool are bundled into the server');
	expect(message).toContain(remedy);
	expect(message).not.toMatch(/(Move|npm i|Exclude) pg-pool/);
	expect(others).toEqual([]);
});

test('bundled libraries that do not bring each other along have a remedy each', () => {
	const loggers = [{ name: 'instrumentation-loggers', modules: ['bunyan', 'log4js', 'roarr'] }];
	const sources = ['../node_modules/bunyan/lib/bunyan.js', '../node_modules/log4js/lib/log4js.js'];
	const app = makeTempDir();
	install(app, 'bunyan', { 'safe-json-stringify': '1' });
	install(app, 'log4js');
	const bundled = findBundled(loggers, sources, { devDependencies: { log4js: '6' } });
	expect(describeBundled(loggers, bundled, app)).toEqual([
		expect.stringMatching(
			/^bunyan, log4js are bundled .+ of them\. Install bunyan as a dependency of the app: npm i bunyan\. Move log4js from devDependencies to dependencies$/
		)
	]);
});

test('an instrumentation is ineffective if all of its libraries that the app has are bundled', () => {
	const found = [
		{ name: 'instrumentation-pg', libraries: ['pg', 'pg-pool'] },
		{ name: 'instrumentation-pino', libraries: ['pino'] },
		{ name: 'instrumentation-http', libraries: [] }
	];
	const bundled = new Map(['pg', 'pg-pool', 'pino'].map((name) => [name, 'Move it']));
	expect([...findIneffective(found, bundled)]).toEqual(['instrumentation-pg', 'instrumentation-pino']);
	expect([...findIneffective(found, bundled, ['pg'])]).toEqual(['instrumentation-pino']);
	expect([...findIneffective(found, new Map([['pg', '']]))]).toEqual([]);
});

test('a bundled logger has no log records', () => {
	const loggers = [
		{ name: '@opentelemetry/instrumentation-pino', modules: ['pino'] },
		{ name: '@opentelemetry/instrumentation-winston', modules: ['winston'] }
	];
	const sources = ['../node_modules/pino/pino.js', '../node_modules/winston/lib/winston.js'];
	const bundled = findBundled(loggers, sources, {});
	expect(describeBundled(loggers, bundled)).toEqual([
		expect.stringContaining('cannot see it: there will be no log records of it. Install pino'),
		expect.stringContaining('cannot see it: there will be no log records of it. Install winston')
	]);
});

test('paths may have slashes or backslashes', () => {
	const sources = ['..\\..\\node_modules\\pg\\lib\\index.js'];
	expect([...findBundled(instrumentations, sources, {}).keys()]).toEqual(['pg']);
});

test.each([[['../src/pg/index.js']], [['../node_modules/pg-format/index.js']], [[]]])(
	'nothing is logged about %j',
	(sources) => {
		expect(describeBundled(instrumentations, findBundled(instrumentations, sources, {}))).toEqual([]);
	}
);

test('the sources of a module are read from its source map, if there is one', () => {
	const out = makeTempDir();
	writeFileSync(join(out, 'a.js.map'), JSON.stringify({ sources: ['../x.js', null] }));
	writeFileSync(join(out, 'b.js.map'), 'nothing of the kind');
	expect(sourcesOf(out, ['a.js', 'b.js', 'c.js'])).toEqual(['../x.js']);
});
