import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');

/** The cells of the table below a heading, without its own head. */
function rowsBelow(heading: string): string[][] {
	const section = read('docs/reliability.md').split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
	return section
		.split('\n')
		.filter((line) => line.startsWith('|'))
		.slice(2)
		.map((line) =>
			line
				.split('|')
				.slice(1, -1)
				.map((cell) => cell.trim())
		);
}

const suitesIn = (dir: string): string[] =>
	readdirSync(new URL(dir, root))
		.filter((file) => file.endsWith('.test.ts'))
		.map((file) => file.replace('.test.ts', ''));

/**
 * Of each row of the manual: words of its first cell, and what its test is called by. Titles are whole strings of
 * the test file.
 */
const TESTS: [row: string, titles: string[]][] = [
	[
		'a deployment sends',
		[
			'at %s',
			'at the idle shutdown of socket activation',
			'calls shutdown() when its server is closed',
			'simply ends',
			'when the app exits by itself at the end of its own clean-up'
		]
	],
	['the collector answers in 100 ms', ['a collector that answers in $delayMs ms, at full speed']],
	['the collector is slower', ['a collector that answers in $delayMs ms, at full speed']],
	[
		'refuses connections',
		[
			'refuses connections',
			'has a name that does not resolve',
			'has an untrusted certificate',
			'closes the connection in the middle of its response',
			'accepts connections and never responds',
			'responds with garbage',
			'responds without an end',
			'answers 429 with Retry-After',
			'answers 502',
			'answers 503',
			'answers 504'
		]
	],
	['a redirect', ['answers 400', 'answers 401', 'answers 404', 'answers 500', 'redirects']],
	['rejects some spans', ['rejects spans of every batch']],
	[
		'comes back',
		['a collector that fails under load and recovers: losses are logged, all other spans arrive']
	],
	[
		'the process is stopped',
		['a process that is stopped while it exports over %s, and continues later, logs no loss if there is none']
	],
	['away when the process ends', ['does not affect the app, and what is lost is counted and logged']],
	['spans are huge', ['memory stays within its limit, for spans of any size']],
	['uses a span wrongly', ['fails no request, and is exported if it is one of SvelteKit’s']],
	[
		'an exception is not caught',
		[
			'an uncaught exception',
			'process.exit()',
			'loses nothing over %s',
			'waits only briefly if the collector does not respond, and logs the loss'
		]
	],
	// nothing can be done about it
	['is killed', []],
	['started twice', ['telemetry that is preloaded too (%s) starts once']],
	[
		'another SDK is there before',
		['an SDK that was registered before is used for tracing: one line, no duplicate spans']
	],
	['another SDK comes later', ['an SDK that starts later does not replace ours: one line, no crash']],
	["the app's own span processor", ['never affects a request if it fails']],
	[
		'requests are hostile',
		['hostile requests have the same responses as with plain adapter-node, and create only their own spans']
	],
	['runs for long', ['load leaves no trace in memory, handles, timers and listeners']]
];

test('each row of the manual has the titles of its tests', () => {
	const rows = rowsBelow('What happens when…');
	expect(rows).toHaveLength(TESTS.length);
	for (const [index, [words, titles]] of TESTS.entries()) {
		const [fault, name] = [rows[index]![0]!, rows[index]!.at(-1)!.replaceAll('`', '')];
		expect(fault).toContain(words);
		expect(titles.length > 0, fault).toBe(name !== '–');
		if (titles.length === 0) continue;
		const dir = suitesIn('test/reliability').includes(name) ? 'test/reliability' : 'test/e2e';
		const code = read(`${dir}/${name}.test.ts`);
		expect(
			titles.filter((title) => !code.includes(`'${title}'`)),
			fault
		).toEqual([]);
	}
});

test('each row of the manual names its test file, and all test files are named', () => {
	const named = rowsBelow('What happens when…').map((cells) => cells.at(-1)!.replaceAll('`', ''));
	expect(named.length).toBeGreaterThan(10);
	const known = new Set([...suitesIn('test/reliability'), ...suitesIn('test/e2e')]);
	// what nothing can be done about has none
	expect(named.filter((name) => name !== '–' && !known.has(name))).toEqual([]);
	expect(suitesIn('test/reliability').filter((name) => !named.includes(name))).toEqual([]);
});

test('the configurations of the Collector that the manual names are there', () => {
	const files = [...read('docs/collectors.md').matchAll(/\]\(\.\.\/(test\/collector\/[^)]+)\)/g)].map(
		([, file]) => file!
	);
	expect(files.length).toBeGreaterThan(2);
	expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
});
