import { describe, expect, test } from 'vitest';
import { RemoteFunctions } from '../../files/http/remote-functions.ts';
import { createSpanNames } from '../../files/kit/span-names.ts';

describe('names of SvelteKit’s spans', () => {
	const nameOf = createSpanNames('src/routes');

	test.each([
		['sveltekit.load', { 'sveltekit.load.node_id': 'src/routes/+layout.server.ts' }, '+layout.server.ts'],
		[
			'sveltekit.load',
			{ 'sveltekit.load.node_id': 'src/routes/blog/[slug]/+page.js' },
			'blog/[slug]/+page.js'
		],
		['sveltekit.load', { 'sveltekit.load.node_id': 'elsewhere/+page.js' }, 'elsewhere/+page.js'],
		['sveltekit.form_action', { 'sveltekit.form_action.name': 'register' }, 'register'],
		['sveltekit.endpoint', { 'http.method': 'POST', 'http.route': '/api/[id]' }, 'POST /api/[id]'],
		['sveltekit.endpoint', { 'http.method': 'MADEUP', 'http.route': '/api/[id]' }, 'HTTP /api/[id]']
	])('%s %j gets the suffix %s', (kit, attributes, said) => {
		expect(nameOf(kit, attributes)).toBe(`${kit} ${said}`);
	});

	test.each([
		['sveltekit.load', { 'sveltekit.load.node_id': 'unknown' }],
		['sveltekit.load', {}],
		// what older SvelteKits find in every object of actions
		['sveltekit.form_action', { 'sveltekit.form_action.name': 'toString' }],
		['sveltekit.form_action', { 'sveltekit.form_action.name': '__proto__' }],
		['sveltekit.resolve', { 'http.route': '/a' }],
		['sveltekit.handle.sequenced.first', {}]
	])('%s %j is unchanged', (kit, attributes) => {
		expect(nameOf(kit, attributes)).toBe(kit);
	});

	test.each([
		[{ 'http.method': 'GET', 'http.route': '/api/[id]' }, 'GET /api/[id]'],
		[{ 'http.method': 'GET', 'http.route': 'unknown' }, 'GET'],
		[{ 'http.method': 'get\u0000', 'http.route': 'unknown' }, 'HTTP']
	])('a request that the app makes to itself, %j, is %s', (attributes, name) => {
		expect(nameOf('sveltekit.handle.root', attributes)).toBe(name);
	});

	test('more names than the cache keeps', () => {
		for (const turn of [1, 2]) {
			for (let index = 0; index < 1500; index++) {
				const route = `/${index}`;
				expect(
					nameOf('sveltekit.handle.root', { 'http.method': 'GET', 'http.route': route }),
					`${turn}`
				).toBe(`GET ${route}`);
			}
		}
	});
});

describe('remote functions', () => {
	const functions = new RemoteFunctions('/base', 'app');
	functions.note({ id: 'hash1/getPost', name: 'getPost' });

	test.each([
		['/base/app/remote/hash1/getPost', 'hash1/getPost', '/app/remote/[hash]/getPost'],
		['/base/app/remote/hash1/getPost/argument', 'hash1/getPost/argument', '/app/remote/[hash]/getPost'],
		['/base/x/..\\app/%2E/remote/hash1/getPost', 'hash1/getPost', '/app/remote/[hash]/getPost'],
		['/base/app/remote/hash1/made-up', 'hash1/made-up', undefined],
		['/base/app/remote/hash2/getPost', 'hash2/getPost', undefined],
		['/base/app/remote/hash1/get%50ost', 'hash1/get%50ost', undefined],
		['/base/app/remote/', '', undefined],
		['/base/app/remote/hash1/__proto__', 'hash1/__proto__', undefined],
		['/base/app/remotes', undefined, undefined],
		['/app/remote/hash1/getPost', undefined, undefined],
		['/base/blog/remote', undefined, undefined]
	])('%s is a call of %s, with the route %s', (path, id, route) => {
		expect(functions.idOf(path)).toBe(id);
		expect(id === undefined ? undefined : functions.routeOf(id)).toBe(route);
	});
});
