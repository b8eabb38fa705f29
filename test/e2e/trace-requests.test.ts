import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Outline, outline } from '../otlp/outline.ts';
import { printTree } from '../otlp/print.ts';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import type { TreeNode } from '../otlp/tree.ts';
import { buildApp } from '../support/app.ts';
import { matrix } from '../support/matrix.ts';
import { type RunningServer, startServer } from '../support/server.ts';
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
const load = 'sveltekit.load';
const action = 'sveltekit.form_action';

describe.each(combinations)('%s: the trace of a request', (combination) => {
	const { kit } = matrix[combination];
	// SvelteKit traces +server handlers since 3.2
	const endpoint = kit === '3.2.0' ? handled('sveltekit.endpoint') : handledAlone;
	let receiver: Receiver;
	let server: RunningServer;

	beforeAll(async () => {
		const app = await buildApp({ combination });
		receiver = await startReceiver();
		server = await startServer(app.build, {
			env: {
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
				OTEL_BSP_SCHEDULE_DELAY: '20',
				BODY_SIZE_LIMIT: '1K'
			}
		});
	});

	afterAll(async () => {
		await server?.stop();
		await receiver?.stop();
	});

	/** A request of a caller of its own, and its tree. */
	async function trace(path: string, init: RequestInit = {}): Promise<{ status: number; tree: TreeNode }> {
		const traceId = randomBytes(16).toString('hex');
		const headers = new Headers(init.headers);
		headers.set('traceparent', `00-${traceId}-00f067aa0ba902b7-01`);
		const response = await server.fetch(path, { ...init, headers });
		await response.arrayBuffer();
		return { status: response.status, tree: await receiver.waitForTrace(traceId) };
	}

	const form = (fields: Record<string, string> = {}, origin = server.origin): RequestInit => ({
		method: 'POST',
		body: new URLSearchParams(fields),
		headers: { origin, accept: 'text/html' }
	});

	test.each<[string, () => RequestInit, number, Outline]>([
		['/', () => ({}), 200, ['SERVER GET /', [handled(load, load)]]],
		['/', () => ({ method: 'HEAD' }), 200, ['SERVER HEAD /', [handled(load, load)]]],
		['/', () => ({ method: 'OPTIONS' }), 204, ['SERVER OPTIONS /', [handledAlone]]],
		['/feed.xml', () => ({}), 200, ['SERVER GET /feed.xml', [endpoint]]],
		['/api/echo', () => ({ method: 'PROPFIND' }), 200, ['SERVER HTTP /api/echo', [endpoint]]],
		['/etag', () => ({ headers: { 'if-none-match': '"tag"' } }), 304, ['SERVER GET /etag', [endpoint]]],
		['/trailing', () => ({}), 308, 'SERVER GET'],
		['/trailing/', () => ({}), 200, ['SERVER GET /trailing', [handled(load, load)]]],
		['/redirect', () => ({}), 302, ['SERVER GET /redirect', [handled(load, load, load)]]],
		['/nowhere', () => ({}), 404, ['SERVER GET', [handled(load, load)]]],
		['/nowhere.js', () => ({}), 404, ['SERVER GET', [handled(load, load)]]],
		['/_app/nowhere.js', () => ({}), 404, 'SERVER GET'],
		['/_app/immutable/nowhere.js', () => ({}), 404, 'SERVER GET'],
		['/%E0%A4%A', () => ({}), 400, ['SERVER GET', [handled(load, load)]]],
		['/error/expected', () => ({}), 404, ['SERVER GET /error/expected', [handled(load, load, load)]]],
		['/stream', () => ({}), 200, ['SERVER GET /stream', [handled(load, load, load)]]],
		['/sse', () => ({}), 200, ['SERVER GET /sse', [endpoint]]],
		['/actions', () => form({ text: 'a' }), 200, ['SERVER POST /actions', [handled(action, load, load)]]],
		[
			'/actions',
			() => form({ text: 'a'.repeat(2000) }),
			413,
			['SERVER POST /actions', [handled(action, load, load)]]
		],
		['/actions', () => form({}, 'https://elsewhere.example'), 403, 'SERVER POST'],
		[
			'/actions/named?/fail',
			() => form(),
			400,
			['SERVER POST /actions/named', [handled(action, load, load)]]
		],
		['/actions/named?/redirect', () => form(), 303, ['SERVER POST /actions/named', [handled(action)]]],
		[
			'/actions/named?/expected',
			() => form(),
			422,
			['SERVER POST /actions/named', [handled(action, load, load)]]
		],
		[
			'/blog/a/__data.json',
			() => ({}),
			200,
			['SERVER GET /blog/[slug]', [handled(load, load, [load, [['sveltekit.handle.root', [endpoint]]]])]]
		],
		[
			'/many/2',
			() => ({}),
			200,
			[
				'SERVER GET /many/[n]',
				[
					handled(load, load, [
						load,
						[
							['sveltekit.handle.root', [endpoint]],
							['sveltekit.handle.root', [endpoint]]
						]
					])
				]
			]
		]
	])('%s', async (path, init, status, expected) => {
		const traced = await trace(path, init());
		expect(outline(traced.tree, { sort: 'name' }), printTree(traced.tree)).toEqual(expected);
		expect(traced.status).toBe(status);
		expect(traced.tree.span.attributes['http.response.status_code']).toBe(status);
		expect(traced.tree.span.attributes['error.type']).toBeUndefined();
		expect(traced.tree.span.status).toEqual({ code: 'UNSET' });
	});
});
