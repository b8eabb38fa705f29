import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Outline, outline } from '../otlp/outline.ts';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { type ReceivedSpan, labelOf } from '../otlp/span.ts';
import { findSpan } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { matrix } from '../support/matrix.ts';
import { type RemoteClient, remoteClient } from '../support/remote.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { combinations } from './combinations.ts';

/** The attributes that distinguish two spans with the same name. */
const details = [
	'sveltekit.load.result.type',
	'sveltekit.form_action.result.type',
	'sveltekit.form_action.result.status',
	'sveltekit.remote.kind',
	'sveltekit.endpoint.result.type'
];

function label(span: ReceivedSpan): string {
	const told = details.flatMap((name) => (name in span.attributes ? [String(span.attributes[name])] : []));
	const name = labelOf(span).replace('sveltekit.', '');
	return [name, ...told, ...(span.status.code === 'UNSET' ? [] : [span.status.code])].join(' ');
}

/** A request through both functions of the app's `sequence`, with what is done for it. */
const handled = (root: string, ...below: Outline[]): Outline => [
	root,
	[
		[
			'handle.sequenced.first',
			[['handle.sequenced.second', [below.length > 0 ? ['resolve', below] : 'resolve']]]
		]
	]
];

/** The load functions of the root layout, which every page has. */
const layout = ['load +layout.js', 'load +layout.server.js'];

describe.each(combinations)('%s: the kinds of span', (combination) => {
	const { remoteOverlay, kit, generation } = matrix[combination];
	const hasEndpoints = generation === 3 && combination !== 'kit-3-oldest';
	/** +server handlers have a span since SvelteKit 3.2. */
	const inEndpoint = (route: string, result = ''): Outline[] =>
		hasEndpoints ? [`endpoint GET ${route}${result}`] : [];

	const subRequest = handled('GET /api/post/[id]', ...inEndpoint('/api/post/[id]'));

	let app: App;
	let receiver: Receiver;
	let server: RunningServer;
	let remote: RemoteClient;

	beforeAll(async () => {
		app = await buildApp({ combination, overlays: ['remote'] });
		receiver = await startReceiver();
		server = await startServer(app.build, {
			env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '20' }
		});
		remote = await remoteClient(server, '/remote', generation);
		await receiver.waitForTrace(({ kind }) => kind === 'SERVER');
	});

	beforeEach(() => receiver.reset());

	afterAll(async () => {
		await server?.stop();
		await receiver?.stop();
	});

	/** The tree of the one request that was made since the last test. */
	const tree = () => receiver.waitForTrace(({ kind }) => kind === 'SERVER');
	const kinds = async () => outline(await tree(), { label, sort: 'name' });

	test('server and universal load functions, of layouts and of pages, and a sub-request below its caller', async () => {
		await server.fetch('/blog/hello');
		expect(await kinds()).toEqual(
			handled(
				'SERVER GET /blog/[slug]',
				...layout,
				'load blog/+layout.server.js',
				'load blog/[slug]/+page.js',
				'render',
				['load blog/[slug]/+page.server.js', [subRequest]]
			)
		);
	});

	test('a data request runs only the server load functions', async () => {
		await server.fetch('/blog/hello/__data.json');
		expect(await kinds()).toEqual(
			handled('SERVER GET /blog/[slug]', 'load +layout.server.js', 'load blog/+layout.server.js', [
				'load blog/[slug]/+page.server.js',
				[subRequest]
			])
		);
	});

	test.each([
		['/error/unexpected', 'load error/unexpected/+page.server.js unknown_error ERROR', ' ERROR'],
		['/error/expected', 'load error/expected/+page.server.js known_error', ''],
		['/redirect', 'load redirect/+page.server.js redirect', '']
	])('a load function of %s has a span with its result: %s', async (path, load, status) => {
		await server.fetch(path);
		const rendered = load.endsWith('redirect') ? [] : ['render'];
		const told = status ? ['handle_error'] : [];
		expect(await kinds()).toEqual(
			handled(`SERVER GET ${path}${status}`, ...told, ...layout, load, ...rendered)
		);
	});

	test.each([
		['/actions', 'form_action default', layout],
		['/actions/named?/success', 'form_action success', layout],
		['/actions/named?/fail', 'form_action fail failure 400', layout],
		['/actions/named?/redirect', 'form_action redirect redirect 303', []],
		['/actions/named?/expected', 'form_action expected known_error 422', layout],
		['/actions/named?/unexpected', 'form_action unexpected unknown_error ERROR', layout]
	])('the form action %s has a span with its result: %s', async (path, action, loads) => {
		await server.submit(path);
		const route = path.replace(/\?.*/, '');
		const status = action.endsWith('ERROR') ? ' ERROR' : '';
		const rendered = loads.length > 0 ? ['render'] : [];
		const told = status ? ['handle_error'] : [];
		expect(await kinds()).toEqual(
			handled(`SERVER POST ${route}${status}`, action, ...told, ...loads, ...rendered)
		);
	});

	test('a form action that throws records the exception', async () => {
		await server.submit('/actions/named?/unexpected');
		const { events } = findSpan(await tree(), 'sveltekit.form_action unexpected');
		expect(events).toMatchObject([
			{ name: 'exception', attributes: { 'exception.message': 'unexpected in an action' } }
		]);
	});

	test(`endpoints are ${hasEndpoints ? '' : 'not '}spans of their own in SvelteKit ${kit}`, async () => {
		await server.fetch('/api/post/1');
		expect(await kinds()).toEqual(handled('SERVER GET /api/post/[id]', ...inEndpoint('/api/post/[id]')));
	});

	test('an endpoint that throws makes its request an error', async () => {
		await server.fetch('/error/endpoint');
		const [root, below] = handled(
			'SERVER GET /error/endpoint ERROR',
			...inEndpoint('/error/endpoint', ' unknown_error ERROR'),
			'handle_error'
		);
		// without a span of its own, it is SvelteKit's work that has failed
		const failed = JSON.stringify(below).replace('"resolve"', hasEndpoints ? '"resolve"' : '"resolve ERROR"');
		expect(await kinds()).toEqual([root, JSON.parse(failed)]);
	});

	describe('remote functions', () => {
		/** Those that the page calls while it is rendered. SvelteKit 2.31 does not say which they are. */
		const rendered: Outline =
			remoteOverlay === 'remote-2.31'
				? 'render'
				: ['render', ['remote.call getPost query', 'remote.call getPosts query_batch']];

		test('those that a page calls while it is rendered, with one span for a batch', async () => {
			await server.fetch('/remote');
			expect(await kinds()).toEqual(handled('SERVER GET /remote', ...layout, rendered));
		});

		/** A call of a function, which has a route of its own, wherever it is called from. */
		const called = (method: string, name: string, kind: string): Outline =>
			handled(`SERVER ${method} /_app/remote/[hash]/${name}`, `remote.call ${name} ${kind}`);

		test('a query', async () => {
			expect((await remote.query('getPost', '7')).status).toBe(200);
			expect(await kinds()).toEqual(called('GET', 'getPost', 'query'));
		});

		test.skipIf(remoteOverlay === 'remote-2.31')('a batched query is one span for all of them', async () => {
			expect((await remote.batch('getPosts', ['1', '2'])).status).toBe(200);
			expect(await kinds()).toEqual(called('POST', 'getPosts', 'query_batch'));
		});

		test('a command', async () => {
			await remote.command('likePost', '7');
			expect(await kinds()).toEqual(called('POST', 'likePost', 'command'));
		});

		test('a command that throws, and the app’s handleError', async () => {
			await remote.command('failPost', '7');
			const call: Outline = ['remote.call failPost command ERROR', ['handle_error']];
			expect(await kinds()).toEqual(handled('SERVER POST /_app/remote/[hash]/failPost', call));
		});

		test('a form', async () => {
			expect((await remote.form('addPost', { text: 'new' })).status).toBe(200);
			expect(await kinds()).toEqual(
				handled('SERVER POST /remote', ...layout, 'remote.form.post addPost form', rendered)
			);
		});

		test('event.tracing of a query is the span of the call, and its root the SERVER span', async () => {
			await remote.query('getPost', '7');
			const trace = await tree();
			expect(trace.span.attributes['app.root.query']).toBe(true);
			expect(findSpan(trace, 'sveltekit.remote.call getPost').attributes['app.current.query']).toBe(true);
		});

		test('a prerendered one is a file, and has no span', async () => {
			expect((await remote.query('getFacts')).status).toBe(200);
			await server.fetch('/api/post/1');
			await tree();
			expect(receiver.trees()).toHaveLength(1);
		});
	});
});
