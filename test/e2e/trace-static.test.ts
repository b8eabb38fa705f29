import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, buildApp } from '../support/app.ts';
import { type TracedServer, newTraceId, startTraced } from '../support/traced-server.ts';
import { combinations } from './combinations.ts';

describe.each(combinations)('%s: without a span', (combination) => {
	let app: App;
	let traced: TracedServer;

	beforeAll(async () => {
		app = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
		traced = await startTraced(app.build);
	});

	afterAll(() => traced?.stop());

	/** The paths of the SERVER spans that a request makes; one that is traced comes after it. */
	async function pathsOf(target: TracedServer, path: string, init: RequestInit = {}): Promise<unknown[]> {
		const end = `/blog/${newTraceId()}`;
		const { spans } = target.receiver;
		const start = spans.length;
		await (await target.server.fetch(path, init)).arrayBuffer();
		await (await target.server.fetch(end)).arrayBuffer();
		await target.traceOf(end);
		const servers = spans.slice(start).filter(({ kind }) => kind === 'SERVER');
		const [roots, all] = [
			servers.length,
			spans.slice(start).filter((span) => span.parentSpanId === undefined)
		];
		expect(all).toHaveLength(roots);
		return servers.map(({ attributes }) => attributes['url.path']).filter((each) => each !== end);
	}

	test.each<[string, RequestInit]>([
		['/robots.txt', {}],
		['/robots.txt?with=query', {}],
		['/robots.txt', { method: 'HEAD' }],
		['/robots.txt', { method: 'POST' }],
		['/robots.txt', { headers: { range: 'bytes=0-3' } }],
		['/robots.txt', { headers: { range: 'bytes=99999-' } }],
		['/large.json', { headers: { 'accept-encoding': 'br' } }],
		['/about', {}],
		['/about/', {}],
		['/about-us', {}],
		['/_app/version.json', {}]
	])('is %s (%j)', async (path, init) => {
		expect(await pathsOf(traced, path, init)).toEqual([]);
	});

	test('is a file that the client has cached', async () => {
		const etag = (await traced.server.fetch('/robots.txt')).headers.get('etag')!;
		const headers = { 'if-none-match': etag };
		expect((await traced.server.fetch('/robots.txt', { headers })).status).toBe(304);
		expect(await pathsOf(traced, '/robots.txt', { headers })).toEqual([]);
	});

	test('is an asset of the client', async () => {
		const [asset] = await readdir(join(app.build, 'client/_app/immutable/entry'));
		expect(await pathsOf(traced, `/_app/immutable/entry/${asset}`)).toEqual([]);
	});

	test('is nothing else', async () => {
		expect(await pathsOf(traced, '/feed.xml')).toEqual(['/feed.xml']);
		expect(await pathsOf(traced, '/nowhere.png')).toEqual(['/nowhere.png']);
	});

	describe('by telemetry.ignore', () => {
		let ignoring: TracedServer;

		beforeAll(async () => {
			ignoring = await startTraced(app.build, {
				env: {
					OTEL_SVELTEKIT_IGNORE:
						'/slow,/api/**,/error/[kind],/many/[n],/^.trailing/,/_app/nowhere*,/hook/unexpected'
				}
			});
		});

		afterAll(() => ignoring?.stop());

		test.each([
			['/slow', 'a path'],
			['/slow?ms=1', 'a path, whatever its query'],
			['/api/post/1', 'a glob'],
			['/many/2', 'a route id, with what the app asks itself for'],
			['/trailing', 'a regular expression'],
			['/_app/nowhere.js', 'what never comes to a route'],
			['/hook/unexpected', 'what fails']
		])('is %s: %s', async (path) => {
			expect(await pathsOf(ignoring, path)).toEqual([]);
		});

		test('is nothing else', async () => {
			expect(await pathsOf(ignoring, '/slower')).toEqual(['/slower']);
			expect(await pathsOf(ignoring, '/error/expected')).toEqual(['/error/expected']);
		});
	});

	test('is what the options of the adapter say, of each kind', async () => {
		const { build } = await buildApp({
			combination,
			adapterOptions: `{ telemetry: { ignore: ['/slow', /^[/]api[/]/, '/many/[n]', '/err*/**'] } }`
		});
		await using ignoring = await startTraced(build);
		for (const path of ['/slow?ms=1', '/api/post/1', '/many/1', '/error/expected']) {
			expect(await pathsOf(ignoring, path)).toEqual([]);
		}
		expect(await pathsOf(ignoring, '/')).toEqual(['/']);
	});
});
