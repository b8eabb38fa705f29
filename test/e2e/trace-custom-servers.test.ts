import { once } from 'node:events';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { outline } from '../otlp/outline.ts';
import { spansOf } from '../otlp/tree.ts';
import { type App, buildApp, copyBuild } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { callerSpanId, newTraceId, startTraced } from '../support/traced-server.ts';
import { combinations } from './combinations.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const frameworks = ['node-http', 'express', 'fastify', 'polka'];

const preloaded = ['--import', './build/otel/register.js'];

/** How a process comes to telemetry: flags of Node. */
const ways: [way: string, execArgv: string[]][] = [
	['by its import of handler.js', []],
	['by --import too, and once', preloaded]
];

describe.each(combinations)('%s: a server of one’s own', (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildApp({ combination, overlays: ['custom-servers'] });
	});

	const entry = (name: string): string => join(app.dir, 'servers', `${name}.js`);

	describe.each(ways)('is traced %s', (_, execArgv) => {
		test.each(frameworks)('with %s', async (name) => {
			await using traced = await startTraced(app.build, { entry: entry(name), execArgv });
			const { tree, response } = await traced.trace('/blog/a');
			expect(response.status).toBe(200);
			expect(tree.span).toMatchObject({
				kind: 'SERVER',
				name: 'GET /blog/[slug]',
				parentSpanId: callerSpanId
			});
			expect(tree.span.attributes).toMatchObject({ 'url.path': '/blog/a', 'http.response.status_code': 200 });

			// one that SvelteKit has no route for, a file, and one that closes the list
			const refused = await traced.trace('/_app/nowhere.js');
			expect(refused.tree.span).toMatchObject({ name: 'GET', parentSpanId: callerSpanId });
			await (await traced.server.fetch('/robots.txt')).text();
			await traced.trace('/');
			const servers = traced.receiver.spans.filter(({ kind }) => kind === 'SERVER');
			expect(servers.map(({ attributes }) => attributes['url.path'])).toEqual([
				'/blog/a',
				'/_app/nowhere.js',
				'/'
			]);
			// no signal does what it would not do without us
			expect(await (await traced.server.fetch('/signal-listeners')).json()).toEqual({
				SIGTERM: 0,
				SIGINT: 0
			});
			// started once, and logged once
			expect(traced.server.stderr().match(/tracing basic-app/g)).toHaveLength(1);
		});

		test('over HTTP/2, its cancelled streams included', async () => {
			await using traced = await startTraced(app.build, {
				entry: entry('node-http2'),
				execArgv,
				// what clients of HTTP/2 send in its stead
				env: { HOST_HEADER: ':authority' }
			});
			const client = connect(traced.server.url);
			const send = (path: string, traceId: string) =>
				client.request({ ':path': path, traceparent: `00-${traceId}-${callerSpanId}-01` });

			const done = newTraceId();
			await once(send('/blog/a', done).resume(), 'close');
			const { span } = await traced.receiver.waitForTrace(done);
			expect(span).toMatchObject({ name: 'GET /blog/[slug]', parentSpanId: callerSpanId });
			expect(span.attributes).toMatchObject({
				'network.protocol.version': '2',
				'server.address': '127.0.0.1',
				'server.port': traced.server.port,
				'http.response.status_code': 200
			});
			expect(span.attributes['error.type']).toBeUndefined();

			const cancelled = newTraceId();
			const stream = send('/sse/forever', cancelled);
			await once(stream, 'data');
			stream.close(8);
			const cut = await traced.receiver.waitForTrace(
				({ traceId, kind }) => traceId === cancelled && kind === 'SERVER'
			);
			expect(cut.span.attributes).toMatchObject({
				'http.response.status_code': 200,
				'error.type': 'ECONNRESET'
			});
			client.destroy();
			expect(traced.server.stderr().match(/tracing basic-app/g)).toHaveLength(1);
		});

		test.each(['SIGTERM', 'SIGINT'] as const)(
			'and ends at %s as it does without telemetry',
			async (signal) => {
				await using traced = await startTraced(app.build, { entry: entry('node-http'), execArgv });
				traced.server.signal(signal);
				expect(await traced.server.exited).toEqual({ code: null, signal });
			}
		);
	});

	test('over HTTP/2 needs HOST_HEADER, as plain adapter-node does', async () => {
		await using server = await startServer(app.build, { entry: entry('node-http2') });
		const client = connect(server.url);
		const [headers] = await once(client.request({ ':path': '/blog/a' }).resume(), 'response');
		// the oldest adapter-node does not need a host
		expect(headers[':status']).toBe(combination === 'kit-2-oldest' ? 200 : 400);
		client.destroy();
	});

	test('can have its own span around the app', async () => {
		await using traced = await startTraced(app.build, { entry: entry('with-span') });
		await (await traced.server.fetch('/trailing')).text();
		const tree = await traced.receiver.waitForTrace(
			({ attributes }) => attributes['url.path'] === '/trailing'
		);
		expect(outline(tree)).toEqual(['around', ['SERVER GET']]);
	});

	test('can have an unsampled span around the app, and then nothing is sampled', async () => {
		await using traced = await startTraced(app.build, {
			entry: entry('with-span'),
			env: { OTEL_TRACES_SAMPLER_ARG: '0' }
		});
		// the caller's decision is not asked for: the server's own span is the parent
		const traceId = newTraceId();
		const traceparent = `00-${traceId}-${callerSpanId}-01`;
		await (await traced.server.fetch('/blog/a', { headers: { traceparent } })).text();
		await traced.server.stop();
		expect(traced.receiver.spans).toEqual([]);
	});

	describe.each([
		['HTTP/1', {}],
		['HTTP/2', { HTTP2: 'yes' }]
	])('that begins to listen inside a span, over %s,', (_, http) => {
		const env = { ...http, HOST_HEADER: 'HTTP2' in http ? ':authority' : 'host' };

		/** Requests of one connection, by its protocol. */
		async function ask({ url }: { url: string }, paths: string[], headers: Record<string, string>) {
			if (!('HTTP2' in http)) {
				for (const path of paths) await (await fetch(url + path, { headers })).arrayBuffer();
				return;
			}
			const client = connect(url);
			for (const path of paths) await once(client.request({ ':path': path, ...headers }).resume(), 'close');
			client.destroy();
		}

		test('does not use a span around its start as the parent of requests', async () => {
			await using traced = await startTraced(app.build, { entry: entry('boot-span'), env });
			const traceId = newTraceId();
			await ask(traced.server, ['/blog/a', '/blog/b'], {});
			await ask(traced.server, ['/blog/c'], { traceparent: `00-${traceId}-${callerSpanId}-01` });

			const [a, b, c] = await Promise.all(
				['a', 'b', 'c'].map(async (slug) => (await traced.traceOf(`/blog/${slug}`)).span)
			);
			expect([a!.parentSpanId, b!.parentSpanId]).toEqual([undefined, undefined]);
			expect(a!.traceId).not.toBe(b!.traceId);
			expect(c).toMatchObject({ traceId, parentSpanId: callerSpanId });
		});

		test('links to its callers when it is public', async () => {
			await using traced = await startTraced(app.build, {
				entry: entry('boot-span'),
				env: { ...env, OTEL_SVELTEKIT_PUBLIC_ENDPOINT: 'true' }
			});
			const traceId = newTraceId();
			await ask(traced.server, ['/blog/a'], { traceparent: `00-${traceId}-${callerSpanId}-01` });
			const { span } = await traced.traceOf('/blog/a');
			expect(span.parentSpanId).toBeUndefined();
			expect(span.links).toMatchObject([{ traceId, spanId: callerSpanId }]);
		});
	});

	test.each([
		['has left', 'x-left', undefined, { 'error.type': 'ECONNRESET' }],
		['has an answer already', 'x-answered', 'by the server', { 'http.response.status_code': 200 }]
	])('that calls the app after the client %s is traced completely', async (_, kind, answer, attributes) => {
		await using traced = await startTraced(app.build, { entry: entry('late') });
		const traceId = newTraceId();
		const leaving = new AbortController();
		const response = traced.server.fetch('/blog/a', {
			headers: { [kind]: 'yes', traceparent: `00-${traceId}-${callerSpanId}-01`, connection: 'close' },
			signal: leaving.signal
		});
		// the server waits for longer than that
		if (answer === undefined) setTimeout(() => leaving.abort(), 40);
		const received = response.then((res) => res.text()).catch(() => undefined);
		expect(await received).toBe(answer);

		const tree = await traced.receiver.waitForTrace(traceId);
		expect(tree.span).toMatchObject({ name: 'GET /blog/[slug]', parentSpanId: callerSpanId });
		expect(tree.span.attributes).toMatchObject(attributes);
		expect(spansOf(tree).map(({ name }) => name)).toContain('sveltekit.resolve');
		// nothing is left that the end of the process would have to end
		traced.server.signal('SIGUSR2');
		expect(await traced.server.exited).toEqual({ code: 0, signal: null });
		expect(traced.receiver.spans.map((span) => span.attributes['error.type'])).not.toContain('process_exit');
		expect(traced.receiver.spans.filter((span) => span.traceId !== traceId)).toEqual([]);
	});

	test('with a middleware that compresses ends a request that its client leaves', async () => {
		await using traced = await startTraced(app.build, { entry: entry('polka') });
		const traceId = newTraceId();
		const leaving = new AbortController();
		const response = traced.server.fetch('/sse/forever', {
			headers: { 'accept-encoding': 'gzip', traceparent: `00-${traceId}-${callerSpanId}-01` },
			signal: leaving.signal
		});
		setTimeout(() => leaving.abort(), 300);
		await expect(response.then((res) => res.text())).rejects.toThrow('aborted');
		const { span } = await traced.receiver.waitForTrace(traceId);
		expect(span).toMatchObject({ name: 'GET /sse/forever', attributes: { 'error.type': 'ECONNRESET' } });
	});

	test('sends its last spans when it has nothing left to do', async () => {
		await using traced = await startTraced(app.build, {
			entry: entry('node-http'),
			env: { OTEL_BSP_SCHEDULE_DELAY: '60000' }
		});
		const response = await traced.server.fetch('/slow?ms=1', { headers: { connection: 'close' } });
		await response.text();
		expect(traced.receiver.spans).toEqual([]);
		traced.server.signal('SIGUSR2');
		expect(await traced.server.exited).toEqual({ code: 0, signal: null });
		expect(traced.receiver.spans.map(({ name }) => name)).toContain('GET /slow');
	});

	test('with many processes is traced in each', async () => {
		await using traced = await startTraced(app.build, { entry: entry('cluster') });
		const instances = new Set<unknown>();
		// connections go round: a new one each time
		for (let turn = 0; turn < 20 && instances.size < 2; turn++) {
			const { tree } = await traced.trace('/blog/a', { headers: { connection: 'close' } });
			instances.add(tree.span.resource['service.instance.id']);
		}
		expect(instances.size).toBe(2);
		expect([...instances].every((id) => typeof id === 'string' && id !== '')).toBe(true);
	});

	test.each([
		['info', 1],
		['debug', 3]
	])(
		'with two worker threads logs at OTEL_LOG_LEVEL=%s this number of startup lines: %i',
		async (level, times) => {
			await using traced = await startTraced(app.build, {
				entry: entry('worker-threads'),
				execArgv: preloaded,
				env: {
					OTEL_LOG_LEVEL: level,
					OTEL_METRICS_EXPORTER: 'prometheus',
					OTEL_EXPORTER_PROMETHEUS_PORT: '0'
				}
			});
			// each thread serves its metrics at a port of its own
			const line = /tracing basic-app.*; metrics prometheus at http:/g;
			expect(traced.server.stderr().match(line)).toHaveLength(times);
		}
	);

	test.each([
		[
			'the worker',
			'worker',
			[],
			[
				'tracing',
				'telemetry runs in this worker thread, and not in the main',
				'call shutdown() of ./build/otel/register.js in the worker'
			]
		],
		['the main thread', 'main', preloaded, ['tracing', 'while telemetry runs in 1 worker thread: ']]
	])('in a worker thread logs what is lost by process.exit() in %s', async (_, thread, execArgv, lines) => {
		await using traced = await startTraced(app.build, {
			entry: entry('in-worker'),
			execArgv,
			env: { OTEL_BSP_SCHEDULE_DELAY: '60000', THREAD: thread }
		});
		expect((await traced.server.fetch('/blog/a')).status).toBe(200);
		traced.server.signal('SIGUSR2');
		expect(await traced.server.exited).toEqual({ code: 7, signal: null });
		const said = traced.server
			.stderr()
			.split('\n')
			.filter((line) => line.startsWith('adapter-node-otel: '));
		for (const line of lines) expect(said).toContainEqual(expect.stringContaining(line));
		const names = traced.receiver.spans.map(({ name }) => name);
		expect(names.includes('GET /blog/[slug]')).toBe(thread === 'worker');
	});

	describe('of two apps', () => {
		let directory: string;

		beforeAll(async () => {
			directory = makeTempDir();
			await copyBuild(app, directory);
		});

		const options = () => ({ entry: entry('two-apps'), env: { SECOND_BUILD: join(directory, 'build') } });

		test('is traced in both, with one SDK', async () => {
			await using traced = await startTraced(app.build, options());
			for (const name of ['first', 'second']) {
				const { tree } = await traced.trace('/blog/a', { headers: { 'x-app': name } });
				expect(tree.span, name).toMatchObject({
					kind: 'SERVER',
					name: 'GET /blog/[slug]',
					parentSpanId: callerSpanId
				});
			}
			expect(traced.server.stderr().match(/tracing basic-app/g)).toHaveLength(1);
		});

		test('serves both when telemetry is off', async () => {
			await using server = await startServer(app.build, options());
			for (const name of ['first', 'second']) {
				expect((await server.fetch('/blog/a', { headers: { 'x-app': name } })).status).toBe(200);
			}
		});
	});
});
