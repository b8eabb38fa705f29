import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { printTree } from '../otlp/print.ts';
import { type TreeNode, spansOf } from '../otlp/tree.ts';
import { buildApp } from '../support/app.ts';
import { hashIn } from '../support/random-requests.ts';
import { type TracedServer, startTraced } from '../support/traced-server.ts';
import { setUps } from './app.ts';

/** What every request has. */
const COMMON = /^sveltekit\.(handle\.sequenced\..*|resolve|load \+layout\.(server\.)?js)$/;

/** SvelteKit 2 has no spans for endpoints. */
const ENDPOINT = /^endpoint /;

/** The names of a trace, each once. */
const namesOf = (tree: TreeNode): string[] => {
	const own = spansOf(tree).filter(({ name }) => !COMMON.test(name));
	return [...new Set(own.map(({ name }) => name.replace(/^sveltekit\./, '')))].sort();
};

const ITEM = [
	'GET /(store)/items/[[lang=lang]]/[id=integer]',
	'load (store)/+layout.server.js',
	'load (store)/items/[[lang=lang]]/[id=integer]/+page.server.js',
	'render'
];

describe.each(['kit-2', 'kit-3'] as const)('%s', (combination) => {
	let traced: TracedServer;
	beforeAll(async () => {
		const { build } = await buildApp(setUps(combination));
		traced = await startTraced(build);
	});
	beforeEach(() => traced.receiver.reset());
	afterAll(() => traced?.stop());

	const expected = (names: string[]): string[] =>
		names.filter((name) => combination === 'kit-3' || !ENDPOINT.test(name)).sort();

	test.each<[what: string, path: string, names: string[]]>([
		['a group, matchers and an optional parameter', '/shop/items/de/7', ITEM],
		['an optional parameter that is left out', '/shop/items/7', ITEM],
		['a parameter that does not match', '/shop/items/x', ['GET', 'render']],
		[
			'a page that leaves its layouts',
			'/shop/plain',
			['GET /(store)/plain', 'load (store)/plain/+page.server.js', 'render']
		],
		['a rest parameter', '/shop/files/a/b/c', ['GET /files/[...path]', 'endpoint GET /files/[...path]']],
		['an endpoint with a page at the same path', '/shop/both', ['GET /both', 'endpoint GET /both']],
		['a trailing slash', '/shop/slash/', ['GET /slash', 'load slash/+page.server.js', 'render']],
		['a page that the browser renders', '/shop/client', ['GET /client']],
		[
			'an error page of a group',
			'/shop/fails',
			[
				'GET /(store)/fails',
				'handle_error',
				'load (store)/+layout.server.js',
				'load (store)/fails/+page.server.js',
				'render'
			]
		],
		[
			'a promise that comes later',
			'/shop/later',
			[
				'GET /api/post/[id]',
				'GET /later',
				'endpoint GET /api/post/[id]',
				'load later/+page.server.js',
				'render'
			]
		],
		[
			'queries in a load function, in a page, in each other and in a batch',
			'/shop/queries',
			[
				'GET /queries',
				'load queries/+page.js',
				'remote.call getMany',
				'remote.call getOuter',
				'remote.call getThing',
				'remote.call getThroughHidden',
				'render'
			]
		],
		['a query that finds nothing', '/shop/missing', ['GET /missing', 'remote.call getMissing', 'render']],
		[
			'a query that fails',
			'/shop/broken',
			['GET /broken', 'handle_error', 'remote.call getBroken', 'render']
		],
		['a path outside of the base', '/elsewhere', ['GET']]
	])('%s: %s', async (_, path, names) => {
		const { tree } = await traced.trace(path, { redirect: 'manual' });
		expect(namesOf(tree), printTree(tree)).toEqual(expected(names));
		// an exception is recorded once, and a batch is one span
		expect(spansOf(tree).flatMap(({ events }) => events).length).toBeLessThan(2);
		expect(spansOf(tree).filter(({ name }) => name.endsWith('getMany')).length).toBeLessThan(2);
	});

	test.each([
		['/shop/default', ['POST /default', 'form_action default', 'render']],
		['/shop/named?/add', ['POST /named', 'form_action add', 'render']],
		['/shop/named?/remove', ['POST /named', 'form_action remove', 'handle_error', 'render']]
	])('the form action %s', async (path, names) => {
		await traced.server.submit(path);
		const tree = await traced.receiver.waitForTrace(({ kind }) => kind === 'SERVER');
		expect(namesOf(tree), printTree(tree)).toEqual(names.sort());
	});

	test('a live query below a base path', async () => {
		const hash = hashIn((await traced.trace('/shop/queries')).body);
		const { tree } = await traced.trace(`/shop/_app/remote/${hash}/getTicks?payload=`, {
			headers: { 'x-sveltekit-pathname': '/shop/queries', 'x-sveltekit-search': '' }
		});
		expect(namesOf(tree), printTree(tree)).toEqual([
			'GET /_app/remote/[hash]/getTicks',
			'remote.call getTicks'
		]);
		const kinds = spansOf(tree).map(({ attributes }) => attributes['sveltekit.remote.kind']);
		expect(kinds).toContain('query_live');
	});
});
