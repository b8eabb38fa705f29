import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Outline, outline } from '../otlp/outline.ts';
import { printTree } from '../otlp/print.ts';
import { type TreeNode, findSpan, spansOf } from '../otlp/tree.ts';
import { buildApp } from '../support/app.ts';
import { matrix } from '../support/matrix.ts';
import { type RemoteClient, remoteClient } from '../support/remote.ts';
import { type TracedServer, startTraced } from '../support/traced-server.ts';
import { combinations } from './combinations.ts';

/** What the app's two handle hooks are to everything else. */
const handled = (...below: Outline[]): Outline => [
	'sveltekit.handle.sequenced.first',
	[['sveltekit.handle.sequenced.second', [['sveltekit.resolve', below]]]]
];
const handledAlone: Outline = [
	'sveltekit.handle.sequenced.first',
	[['sveltekit.handle.sequenced.second', ['sveltekit.resolve']]]
];
/** The load function of a file below the routes. */
const load = (file: string): string => `sveltekit.load ${file}`;
/** Those of the root layout, which every page has. */
const layouts = [load('+layout.js'), load('+layout.server.js')];
/** What a page is rendered in, its load functions before it. */
const rendered = (...below: Outline[]): Outline => handled(...below, 'sveltekit.render');
const action = (name: string): string => `sveltekit.form_action ${name}`;

/** Every exception of a tree, by the span that has it. */
const exceptionsOf = (tree: TreeNode): string[] =>
	spansOf(tree).flatMap(({ name, events }) =>
		events.map(({ attributes }) => `${name}: ${String(attributes['exception.message'])}`)
	);

describe.each(combinations)('%s: the trace of a request', (combination) => {
	const { generation, kit } = matrix[combination];
	// SvelteKit traces +server handlers since 3.2
	const tracesEndpoints = kit === '3.2.0';
	const endpoint = (request: string): Outline =>
		tracesEndpoints ? handled(`sveltekit.endpoint ${request}`) : handledAlone;
	// which knew neither batched queries nor a limit of the body for itself, and refused malformed paths at once
	const isOldest = kit === '2.31.0';
	const subRequest: Outline = ['GET /api/post/[id]', [endpoint('GET /api/post/[id]')]];
	let traced: TracedServer;
	let remote: RemoteClient;

	beforeAll(async () => {
		const { build } = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
		traced = await startTraced(build, { env: { BODY_SIZE_LIMIT: '1K' } });
		remote = await remoteClient(traced.server, '/remote', generation);
	});

	afterAll(() => traced?.stop());

	const form = (fields: Record<string, string> = {}, origin = traced.server.origin): RequestInit => ({
		method: 'POST',
		body: new URLSearchParams(fields),
		headers: { origin, accept: 'text/html' }
	});
	const get = (): RequestInit => ({});

	test.each<[what: string, path: string, init: () => RequestInit, status: number, tree: Outline]>([
		['a page', '/', get, 200, ['SERVER GET /', [rendered(...layouts)]]],
		['a page by HEAD', '/', () => ({ method: 'HEAD' }), 200, ['SERVER HEAD /', [rendered(...layouts)]]],
		['what a page allows', '/', () => ({ method: 'OPTIONS' }), 204, ['SERVER OPTIONS /', [handledAlone]]],
		[
			'a streamed page',
			'/stream',
			get,
			200,
			['SERVER GET /stream', [rendered(...layouts, load('stream/+page.server.js'))]]
		],
		['server-sent events', '/sse', get, 200, ['SERVER GET /sse', [endpoint('GET /sse')]]],
		[
			'an endpoint that looks like a file',
			'/feed.xml',
			get,
			200,
			['SERVER GET /feed.xml', [endpoint('GET /feed.xml')]]
		],
		[
			'a method that HTTP has not',
			'/api/echo',
			() => ({ method: 'PROPFIND' }),
			200,
			['SERVER HTTP /api/echo', [endpoint('HTTP /api/echo')]]
		],
		[
			'what the client has already',
			'/etag',
			() => ({ headers: { 'if-none-match': '"tag"' } }),
			304,
			['SERVER GET /etag', [endpoint('GET /etag')]]
		],
		['a missing trailing slash', '/trailing', get, 308, 'SERVER GET'],
		['a trailing slash', '/trailing/', get, 200, ['SERVER GET /trailing', [rendered(...layouts)]]],
		[
			'a redirect',
			'/redirect',
			get,
			302,
			['SERVER GET /redirect', [handled(...layouts, load('redirect/+page.server.js'))]]
		],
		['no route', '/nowhere', get, 404, ['SERVER GET', [rendered(...layouts)]]],
		['no file', '/nowhere.js', get, 404, ['SERVER GET', [rendered(...layouts)]]],
		['no asset', '/_app/immutable/nowhere.js', get, 404, 'SERVER GET'],
		[
			'a malformed path',
			'/%E0%A4%A',
			get,
			400,
			isOldest ? 'SERVER GET' : ['SERVER GET', [rendered(...layouts)]]
		],
		[
			'an expected error',
			'/error/expected',
			get,
			404,
			['SERVER GET /error/expected', [rendered(...layouts, load('error/expected/+page.server.js'))]]
		],
		[
			'an expected error of a hook',
			'/hook/expected',
			get,
			403,
			[
				'SERVER GET /hook/expected',
				[['sveltekit.handle.sequenced.first', ['sveltekit.handle.sequenced.second']]]
			]
		],
		[
			'an action',
			'/actions',
			() => form({ text: 'a' }),
			200,
			['SERVER POST /actions', [rendered(action('default'), ...layouts)]]
		],
		['a form of another site', '/actions', () => form({}, 'https://elsewhere.example'), 403, 'SERVER POST'],
		[
			'fail() in an action',
			'/actions/named?/fail',
			() => form(),
			400,
			['SERVER POST /actions/named', [rendered(action('fail'), ...layouts)]]
		],
		[
			'a redirect of an action',
			'/actions/named?/redirect',
			() => form(),
			303,
			['SERVER POST /actions/named', [handled(action('redirect'))]]
		],
		[
			'an expected error of an action',
			'/actions/named?/expected',
			() => form(),
			422,
			['SERVER POST /actions/named', [rendered(action('expected'), ...layouts)]]
		],
		[
			'the data of a page',
			'/blog/a/__data.json',
			get,
			200,
			[
				'SERVER GET /blog/[slug]',
				[
					handled(load('+layout.server.js'), load('blog/+layout.server.js'), [
						load('blog/[slug]/+page.server.js'),
						[subRequest]
					])
				]
			]
		],
		[
			'requests of the app to itself',
			'/many/2',
			get,
			200,
			[
				'SERVER GET /many/[n]',
				[rendered(...layouts, [load('many/[n]/+page.server.js'), [subRequest, subRequest]])]
			]
		],
		[
			'a request of the app to itself with the headers of its caller',
			'/self',
			get,
			200,
			['SERVER GET /self', [rendered(...layouts, [load('self/+page.server.js'), [subRequest]])]]
		],
		[
			'a request of the app to itself in reroute',
			'/rerouted',
			get,
			200,
			[
				'SERVER GET /blog/[slug]',
				[
					subRequest,
					rendered(...layouts, load('blog/+layout.server.js'), load('blog/[slug]/+page.js'), [
						load('blog/[slug]/+page.server.js'),
						[subRequest]
					])
				]
			]
		],
		[
			'spans of the app',
			'/custom-span',
			get,
			200,
			[
				'SERVER GET /custom-span',
				[rendered(...layouts, [load('custom-span/+page.server.js'), [['custom', ['custom.child']]]])]
			]
		]
	])('of %s (%s)', async (_, path, init, status, expected) => {
		const { response, tree } = await traced.trace(path, init());
		expect(outline(tree, { sort: 'name' }), printTree(tree)).toEqual(sorted(expected));
		expect(response.status).toBe(status);
		expect(tree.span.attributes['http.response.status_code']).toBe(status);
		expect(tree.span.attributes['error.type']).toBeUndefined();
		expect(tree.span.status).toEqual({ code: 'UNSET' });
	});

	test.skipIf(isOldest)('of a body over the limit is not a failure of the server', async () => {
		const { response, tree } = await traced.trace('/actions', form({ text: 'a'.repeat(2000) }));
		expect(response.status).toBe(413);
		expect(outline(tree, { sort: 'name' })).toEqual(
			sorted(['SERVER POST /actions', [rendered(action('default'), ...layouts)]])
		);
		expect(tree.span.status).toEqual({ code: 'UNSET' });
	});

	test.each<[what: string, path: string, init: () => RequestInit, status: number, exceptions: string[]]>([
		[
			'of a load function',
			'/error/unexpected',
			get,
			500,
			['sveltekit.load error/unexpected/+page.server.js: unexpected in a load function']
		],
		[
			'of an action',
			'/actions/named?/unexpected',
			() => form(),
			500,
			['sveltekit.form_action unexpected: unexpected in an action']
		],
		[
			'of an endpoint',
			'/error/endpoint',
			get,
			500,
			[
				`${tracesEndpoints ? 'sveltekit.endpoint GET /error/endpoint' : 'sveltekit.resolve'}: unexpected in an endpoint`
			]
		],
		[
			'of a hook, which passes through the spans of others',
			'/hook/unexpected',
			get,
			500,
			['sveltekit.handle.sequenced.second: unexpected in a handle hook']
		],
		[
			'that was expected',
			'/error/expected?status=503',
			get,
			503,
			['sveltekit.load error/expected/+page.server.js: Not here']
		]
	])('of an error %s has its exception once', async (_, path, init, status, exceptions) => {
		const { response, tree } = await traced.trace(path, init());
		expect(response.status).toBe(status);
		expect(exceptionsOf(tree), printTree(tree)).toEqual(exceptions);
		expect(tree.span.status.code).toBe('ERROR');
		expect(tree.span.attributes).toMatchObject({
			'http.response.status_code': status,
			'error.type': String(status)
		});
	});

	test('has SvelteKit’s work after its root span below the SERVER span', async () => {
		const { tree } = await traced.trace('/hook/unexpected');
		expect(outline(tree, { sort: 'name' }), printTree(tree)).toEqual(
			sorted([
				'SERVER GET /hook/unexpected',
				[
					['sveltekit.handle.sequenced.first', ['sveltekit.handle.sequenced.second']],
					['sveltekit.handle_error', [subRequest]]
				]
			])
		);
	});

	type Call = [what: string, send: (client: RemoteClient) => Promise<Response>, name: string, kind: string];
	const batch: Call = [
		'batched query',
		(client) => client.batch('getPosts', ['1', '2']),
		'POST getPosts',
		'query_batch'
	];

	test.each<Call>([
		['query', (client) => client.query('getPost', '1'), 'GET getPost', 'query'],
		...(isOldest ? [] : [batch]),
		['command', (client) => client.command('likePost', '1'), 'POST likePost', 'command'],
		['command that fails', (client) => client.command('failPost'), 'POST failPost', 'command']
	])('of a remote %s is named by the function', async (_, send, request, functionKind) => {
		traced.receiver.reset();
		expect((await send(remote)).status).toBe(200);
		const [method, name] = request.split(' ') as [string, string];
		const call = `sveltekit.remote.call ${name}`;
		// a page calls some of them while it is rendered, too
		const tree = await traced.receiver.waitForTrace(
			({ kind, attributes }) => kind === 'SERVER' && String(attributes['url.path']).endsWith(`/${name}`)
		);
		const route = `/_app/remote/[hash]/${name}`;
		expect(tree.span).toMatchObject({ kind: 'SERVER', name: `${method} ${route}` });
		expect(tree.span.attributes['http.route']).toBe(route);
		const resolve = findSpan(tree, 'sveltekit.resolve');
		expect(findSpan(tree, call).parentSpanId).toBe(resolve.spanId);
		// the page that the caller names is not the route
		expect([undefined, route]).toContain(resolve.attributes['http.route']);
		expect(findSpan(tree, call).attributes).toMatchObject({
			'sveltekit.remote.kind': functionKind,
			'sveltekit.remote.call.name': name
		});
		expect(tree.span.attributes['url.query']).toBe(method === 'GET' ? 'payload=REDACTED' : undefined);
	});

	test('of a remote function that the build does not have is named by the method alone', async () => {
		traced.receiver.reset();
		const path = '/_app/remote/madeup/getPost';
		expect((await traced.server.fetch(path, { headers: { 'x-sveltekit-pathname': '/blog/a' } })).ok).toBe(
			false
		);
		const tree = await traced.traceOf(path);
		expect(tree.span.name).toBe('GET');
		expect(tree.span.attributes).not.toHaveProperty('http.route');
		expect(findSpan(tree, 'sveltekit.resolve').attributes).not.toHaveProperty('http.route');
		expect(findSpan(tree, 'sveltekit.remote.call').attributes).not.toHaveProperty('sveltekit.remote.kind');
	});

	test('of a remote form has the span of its post', async () => {
		traced.receiver.reset();
		await remote.form('addPost', { text: 'a' });
		const tree = await traced.receiver.waitForTrace(
			({ name }) => name === 'sveltekit.remote.form.post addPost'
		);
		expect(tree.span).toMatchObject({ kind: 'SERVER', name: 'POST /remote' });
	});

	test('holds every span between the start and the end of the SERVER span', async () => {
		for (let round = 0; round < 5; round++) {
			const { tree } = await traced.trace('/blog/a');
			check(tree);
		}
		function check({ span, children }: TreeNode): void {
			for (const child of children) {
				expect(child.span.startTimeUnixNano >= span.startTimeUnixNano, printTree(child)).toBe(true);
				expect(child.span.endTimeUnixNano <= span.endTimeUnixNano, printTree(child)).toBe(true);
				check(child);
			}
		}
	});

	test('starts when the request arrived', async () => {
		const before = BigInt(Date.now()) * 1_000_000n;
		const { tree } = await traced.trace('/slow?ms=30');
		const after = BigInt(Date.now() + 1) * 1_000_000n;
		expect(tree.span.startTimeUnixNano >= before).toBe(true);
		expect(tree.span.endTimeUnixNano <= after).toBe(true);
		expect(tree.span.endTimeUnixNano - tree.span.startTimeUnixNano > 25_000_000n).toBe(true);
	});
});

/** The children of every node by their text, as {@link outline} sorts them by name. */
function sorted(node: Outline): Outline {
	if (typeof node === 'string') return node;
	const key = (child: Outline): string => JSON.stringify(child);
	return [node[0], node[1].map(sorted).sort((a, b) => (key(a) < key(b) ? -1 : 1))];
}
