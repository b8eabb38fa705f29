import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { spansOf } from '../otlp/tree.ts';
import { matrix } from '../support/matrix.ts';
import { type RemoteClient, remoteClient } from '../support/remote.ts';
import { type TracedServer, startTraced } from '../support/traced-server.ts';
import { type TracedVite, startTracedVite } from '../support/traced-vite.ts';
import { buildDevApp } from './app.ts';
import { namesOf } from './names.ts';

/** What only the built server knows: how it is reached. */
const OF_BUILD = new Set(['url.scheme', 'server.address', 'server.port']);

const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } };

const requests: [what: string, path: string, init?: RequestInit][] = [
	['a page with a request to itself', '/blog/hello'],
	['an endpoint', '/api/post/7'],
	['a form action', '/actions/named?/save', { ...form, body: 'a=b' }],
	['an expected error', '/error/expected'],
	['an unexpected error', '/error/unexpected'],
	['an error in an endpoint', '/error/endpoint'],
	['a redirect', '/redirect'],
	['what does not exist', '/nowhere'],
	['a stream', '/stream'],
	['spans of the app', '/custom-span'],
	['attributes of the app', '/root?shape=round']
];

describe.each(combinations)('%s: the traces of the built server', (combination) => {
	const { generation } = matrix[combination];
	/** Handlers of +server have a span since SvelteKit 3.2. */
	const hasEndpoints = generation === 3 && combination !== 'kit-3-oldest';
	let built: TracedServer;

	beforeAll(async () => {
		built = await startTraced((await buildDevApp(combination)).build);
	});

	afterAll(() => built?.stop());

	describe.each(['dev', 'preview'] as const)('in vite %s', (command) => {
		let vite: TracedVite;

		beforeAll(async () => {
			vite = await startTracedVite(await buildDevApp(combination), command);
		});

		afterAll(() => vite?.stop());

		/** A form must come from a page of the server. */
		const from = (origin: string, init: RequestInit = {}): RequestInit =>
			init.method ? { ...init, headers: { ...(init.headers as Record<string, string>), origin } } : init;

		test.each(requests)('%s', async (_, path, init) => {
			const expected = await built.trace(path, from(built.server.origin, init));
			const { status, tree } = await vite.ask(path, from(vite.server.url, init));
			expect(status, vite.server.output()).toBe(expected.response.status);
			expect(namesOf(tree)).toEqual(namesOf(expected.tree));
			const attributes = ({ span }: typeof tree): Record<string, unknown> =>
				Object.fromEntries(
					Object.entries(span.attributes).filter(
						([name]) => !OF_BUILD.has(name) && name !== 'network.peer.port'
					)
				);
			expect(Object.keys(attributes(tree)).sort()).toEqual(Object.keys(attributes(expected.tree)).sort());
			for (const name of ['http.route', 'http.response.status_code', 'url.path', 'url.query', 'error.type']) {
				expect(tree.span.attributes[name], name).toEqual(expected.tree.span.attributes[name]);
			}
			const events = (each: typeof tree): unknown =>
				spansOf(each)
					.flatMap(({ events: [event] }) => (event ? [event.attributes['exception.message']] : []))
					.sort();
			// without a span for an endpoint, only the call of handleError shows its error
			const isSeen = hasEndpoints || command === 'dev' || path !== '/error/endpoint';
			expect(events(tree)).toEqual(isSeen ? events(expected.tree) : []);
		});

		test('calls of remote functions', async () => {
			const page = '/remote';
			const names = async (remote: RemoteClient, receiver: TracedVite['receiver']): Promise<unknown[]> => {
				// of the page that told how they are called
				await receiver.waitForTrace(
					({ kind, attributes }) => kind === 'SERVER' && attributes['url.path'] === page
				);
				const seen = [];
				for (const call of [
					() => remote.query('getPost', '7'),
					() => remote.command('likePost', '7'),
					() => remote.command('failPost'),
					() => remote.query('getNothing'),
					() => remote.form('addPost', { text: 'hi' })
				]) {
					receiver.reset();
					await (await call()).text();
					seen.push(namesOf(await receiver.waitForTrace(({ kind }) => kind === 'SERVER')));
				}
				return seen;
			};
			for (const { receiver } of [built, vite]) receiver.reset();
			const ofBuild = await remoteClient(built.server, page, generation);
			const ofVite = await remoteClient({ ...vite.server, ...submitTo(vite) }, page, generation);
			const expected = await names(ofBuild, built.receiver);
			const isLess = generation === 2 && command === 'preview';
			expect(await names(ofVite, vite.receiver)).toEqual([
				...expected.slice(0, -1),
				isLess ? withoutServerCalls(expected.at(-1)) : expected.at(-1)
			]);
		});
	});
});

/** `vite preview` of SvelteKit 2 has no spans of remote functions that the server itself calls: see docs/dev.md. */
const withoutServerCalls = (outline: unknown): unknown =>
	Array.isArray(outline)
		? outline
				.filter((each) => typeof each !== 'string' || !each.startsWith('sveltekit.remote.call '))
				.map(withoutServerCalls)
		: outline;

/** What a browser sends to the server when it submits a form. */
const submitTo = ({ server }: TracedVite): Pick<TracedServer['server'], 'origin' | 'submit'> => ({
	origin: server.url,
	submit: (path, fields = {}) =>
		server.fetch(path, {
			method: 'POST',
			body: new URLSearchParams(fields),
			headers: { accept: 'text/html', origin: server.url }
		})
});
