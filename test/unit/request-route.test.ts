import { expect, test } from 'vitest';
import { RemoteFunctions } from '../../files/http/remote-functions.ts';
import { RequestRoute } from '../../files/http/request-route.ts';

const PAGE = { 'http.route': '/blog/[slug]' };

test.each([
	['of a page', '/blog/a', PAGE, '/blog/[slug]', '/blog/[slug]'],
	['of no page', '/nowhere', { 'http.route': 'unknown' }, undefined, undefined],
	['that SvelteKit leaves out', '/a', {}, undefined, undefined],
	['of a remote function', '/_app/remote/h/get', PAGE, '/_app/remote/[hash]/get', '/_app/remote/[hash]/get'],
	['of a made-up remote function', '/_app/remote/h/no', PAGE, undefined, '/_app/remote/[hash]/no']
])('a route %s', (_, path, kit, known, matched) => {
	const remotes = new RemoteFunctions('', '_app');
	remotes.note({ id: 'h/get', name: 'get' });
	expect(new RequestRoute(path, kit, remotes)).toMatchObject({ known, matched });
});

test('the route of a remote function that SvelteKit reports after the start of the root span is late', () => {
	const remotes = new RemoteFunctions('', '_app');
	const route = new RequestRoute('/_app/remote/h/get', PAGE, remotes);
	expect([route.known, route.late]).toEqual([undefined, undefined]);
	remotes.note({ id: 'h/get', name: 'get' });
	expect([route.known, route.late]).toEqual([undefined, '/_app/remote/[hash]/get']);
});

test.each([
	['of a page stays', '/blog/a', ['get'], PAGE, '/blog/[slug]'],
	[
		'that a caller sent becomes the function’s',
		'/_app/remote/h/get',
		['get'],
		PAGE,
		'/_app/remote/[hash]/get'
	],
	['that a caller sent becomes unknown', '/_app/remote/h/get', [], PAGE, 'unknown'],
	['of the app stays', '/_app/remote/h/get', ['get'], { 'http.route': '/other' }, '/other']
])('a route %s in the attributes of a span', (_, path, names, kit, expected) => {
	const remotes = new RemoteFunctions('', '_app');
	for (const name of names) remotes.note({ id: `h/${name}`, name });
	const corrected = new RequestRoute(path, PAGE, remotes).correct(kit);
	expect(corrected).toEqual({ 'http.route': expected });
});
