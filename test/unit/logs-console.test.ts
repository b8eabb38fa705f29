import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { beforeAll, expect, test } from 'vitest';
import { makeTempDir } from '../support/temp-dir.ts';

/** Writes what is observed to a file descriptor of its own. */
const OBSERVE = `
	import { writeSync } from 'node:fs';
	import { observeConsole } from ${JSON.stringify(new URL('../../files/logs/observe-console.ts', import.meta.url))};
	import { severityOf, toRecord } from ${JSON.stringify(new URL('../../files/logs/console-record.ts', import.meta.url))};
	const say = (what) => writeSync(3, JSON.stringify(what) + '\\n');
	const { left } = observeConsole((method, args, wrapper) => {
		const { severityNumber, severityText } = severityOf(method, args, wrapper);
		say({ severityNumber, severityText, ...toRecord(args, 1000) });
	});
	if (left.length > 0) say({ left });
`;

interface Observed {
	severityNumber: number;
	severityText: string;
	body: string;
	exception?: { name?: string; message?: string; stack?: string; code?: string };
	left?: string[];
}

let dir: string;
beforeAll(() => {
	dir = makeTempDir();
	writeFileSync(path.join(dir, 'observe.mjs'), OBSERVE);
});

async function run(code: string, imports: string[], env: NodeJS.ProcessEnv = {}) {
	const app = path.join(dir, 'app.mjs');
	writeFileSync(app, code);
	const args = imports.flatMap((file) => ['--import', path.join(dir, file)]);
	const child = spawn(process.execPath, [...args, app], {
		stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
		env: { PATH: process.env['PATH'], ...env }
	});
	const [stdout, stderr, observed] = await Promise.all([
		buffer(child.stdout!),
		buffer(child.stderr!),
		text(child.stdio[3] as Readable)
	]);
	const lines = observed
		.split('\n')
		.filter(Boolean)
		.map((line) => JSON.parse(line) as Observed);
	return { stdout: stdout.toString('latin1'), stderr: stderr.toString('latin1'), lines };
}

/** What is observed of code that prints the same as without the observation. */
async function observe(code: string, env: NodeJS.ProcessEnv = {}): Promise<Observed[]> {
	const without = await run(code, [], env);
	const { stdout, stderr, lines } = await run(code, ['observe.mjs'], env);
	expect({ stdout, stderr }).toEqual({ stdout: without.stdout, stderr: without.stderr });
	return lines;
}

test('every method prints the same, and is observed once with its severity', async () => {
	const lines = await observe(`
		console.debug('debug %s', 'a');
		console.log('log', { n: 1, deep: { er: [1, 2] } }, null, undefined, 12n, Symbol('s'));
		console.info('100 %');
		console.warn('%o %O %j %d %i %f %c', {}, {}, {}, 1, 2, 3, 'css', 'more');
		console.error('é 日本 🎉');
		(function named() { console.trace('where %d', 1); })();
		console.trace();
		console.log();
		console.assert(false, 'not %s', 'so');
		console.assert(true, 'so');
	`);
	expect(lines.map(({ severityText, severityNumber }) => [severityText, severityNumber])).toEqual([
		['DEBUG', 5],
		['INFO', 9],
		['INFO', 9],
		['WARN', 13],
		['ERROR', 17],
		['TRACE', 1],
		['TRACE', 1],
		['INFO', 9],
		['WARN', 13]
	]);
	expect(lines.map(({ body }) => body.split('\n')[0])).toEqual([
		'debug a',
		'log { n: 1, deep: { er: [ 1, 2 ] } } null undefined 12n Symbol(s)',
		'100 %',
		'{} {} {} 1 2 3  more',
		'é 日本 🎉',
		'Trace: where 1',
		'Trace',
		'',
		'Assertion failed: not so'
	]);
	expect(lines[5]!.body).toMatch(/^Trace: where 1\n {4}at named /);
});

test('a text that looks like a stack of console.trace is an error like any other', async () => {
	const [line] = await observe(`console.error('Trace: no');`);
	expect(line).toMatchObject({ severityText: 'ERROR' });
});

test('groups, tables, counts and colours print the same', async () => {
	const lines = await observe(
		`
		console.group('outer');
		console.log('a\\nb', { a: 'text' });
		console.groupCollapsed();
		console.table([{ a: 1 }]);
		console.groupEnd();
		console.groupEnd();
		console.count();
		console.dir({ a: 1 });
		console.log('\\u001b[31mred\\u001b[0m', { a: 'text' });
	`,
		{ FORCE_COLOR: '1' }
	);
	expect(lines[1]!.body).toBe("a\nb { a: 'text' }");
	expect(lines.at(-1)!.body).toBe("red { a: 'text' }");
});

test('an error among the arguments is the exception of the record', async () => {
	const lines = await observe(`
		class Refused extends TypeError { name = 'Refused' }
		console.error('failed', new Refused('no'), new Error('second'));
		console.log(Object.assign(new Error('gone', { cause: new Error('why') }), { code: 'ENOENT' }));
		console.error({ message: 'no error' });
		console.error(new RangeError('too\\nfar').stack);
		console.error('', '\\n[500] GET /\\nError\\n    at a.js:1:1\\n');
		console.error('Errors:\\n    at the end');
		console.error(new DOMException('too late', 'TimeoutError'));
		console.error(new (class extends Error { get message() { throw new Error('secret'); } })());
		console.log(new Proxy({ a: 1 }, { getPrototypeOf() { throw new Error('no prototype'); } }));
	`);
	expect(lines[0]!.exception).toMatchObject({ name: 'Refused', message: 'no' });
	expect(lines[0]!.exception!.stack).toMatch(/no\n {4}at file:/);
	expect(lines[1]!.exception).toMatchObject({ name: 'Error', message: 'gone', code: 'ENOENT' });
	expect(lines[1]!.body).toContain('[cause]: Error: why');
	expect(lines[2]!.exception).toBeUndefined();
	expect(lines[3]!.exception).toMatchObject({ name: 'RangeError', message: 'too\nfar' });
	expect(lines[4]!.exception).toEqual({ name: 'Error', message: '', stack: 'Error\n    at a.js:1:1' });
	expect(lines[5]!.exception).toBeUndefined();
	expect(lines[6]!.exception).toMatchObject({ name: 'TimeoutError', message: 'too late' });
	expect(lines[6]!.exception).not.toHaveProperty('code');
	expect(lines[7]!.exception).toBeUndefined();
	expect(lines[8]).toEqual(expect.objectContaining({ body: '{ a: 1 }' }));
});

test('texts are truncated at the limit', async () => {
	const [line] = await observe(`console.error(new Error('x'.repeat(5000)));`);
	expect(line!.body).toMatch(/^Error: x{900,}… \(cut, of \d{4} characters\)$/);
	expect(line!.exception!.message).toMatch(/^x{900,}… \(cut, of 5000 characters\)$/);
});

test('lines that are printed while formatting are printed once, and observed once', async () => {
	const lines = await observe(`
		import { inspect } from 'node:util';
		const chatty = { [inspect.custom]() { console.log('inner'); return 'outer'; } };
		console.log(chatty);
	`);
	expect(lines.map(({ body }) => body)).toEqual(['inner', 'outer']);
});

test('an argument that throws while it is formatted throws as before', async () => {
	const lines = await observe(`
		import { inspect } from 'node:util';
		try {
			console.log({ [inspect.custom]() { throw new Error('no text'); } });
		} catch (error) {
			console.log(error.message);
		}
	`);
	expect(lines.map(({ body }) => body)).toEqual(['no text']);
});

test('methods have the same name, length and descriptor', async () => {
	const lines = await observe(`
		for (const name of ['debug', 'log', 'info', 'warn', 'error', 'trace']) {
			const method = console[name];
			const { value, ...descriptor } = Object.getOwnPropertyDescriptor(console, name);
			console.log(method.name, method.length, 'prototype' in method, descriptor, Object.keys(console).indexOf(name));
		}
		const { log } = console;
		[1, 2].forEach(log);
	`);
	expect(lines).toHaveLength(8);
});

test.each([
	['a frozen console', 'Object.freeze(console);', ['debug', 'log', 'info', 'warn', 'error']],
	['another console', 'globalThis.console = { ...console };', ['debug', 'log', 'info', 'warn', 'error']],
	[
		'a method that other code has replaced',
		`console.log = (...args) => process.stdout.write('mine ' + args.join() + '\\n');`,
		['log']
	]
])('%s is unchanged', async (_, replace, left) => {
	writeFileSync(path.join(dir, 'before.mjs'), replace);
	const code = `console.log('a', 1); console.warn('b');`;
	const without = await run(code, ['before.mjs']);
	const { stdout, stderr, lines } = await run(code, ['before.mjs', 'observe.mjs']);
	expect({ stdout, stderr }).toEqual({ stdout: without.stdout, stderr: without.stderr });
	expect(lines[0]).toEqual({ left });
	expect(lines.slice(1).map(({ body }) => body)).toEqual(left.length === 1 ? ['b'] : []);
});
