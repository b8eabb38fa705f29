import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as http from 'node:http';
import { type Server, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { type App, buildApp } from '../support/app.ts';
import { cleanEnv } from '../support/clean-env.ts';
import { matrix } from '../support/matrix.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { combinations } from './combinations.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/** What a client sees of an answer, but for what differs from second to second. */
interface Seen {
	status: number;
	headers: Record<string, string | string[] | undefined>;
	body: string;
}

const VOLATILE = ['date', 'x-sveltekit-page', 'last-modified'];

/** One request as it goes over the wire: no redirect followed, no body decoded. */
async function see(
	url: string,
	{ body, ...options }: http.RequestOptions & { body?: string } = {}
): Promise<Seen> {
	const request = http.request(url, { agent: false, ...options });
	request.end(body);
	const [response] = (await once(request, 'response')) as [http.IncomingMessage];
	const chunks: Buffer[] = [];
	for await (const chunk of response) chunks.push(chunk as Buffer);
	const headers = { ...response.headers };
	for (const name of VOLATILE) delete headers[name];
	// adapter-node 5 makes it from the size and the time of the build
	if (headers.etag) headers.etag = headers.etag.replace(/^(W\/"\d+-)\d+"$/, '$1…"');
	return { status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString('latin1') };
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };

const requests: [string, string, (http.RequestOptions & { body?: string })?][] = [
	['a page', '/blog/hello'],
	['a page with HEAD', '/blog/hello', { method: 'HEAD' }],
	['the data of a page', '/blog/hello/__data.json'],
	['a page with OPTIONS', '/blog/hello', { method: 'OPTIONS' }],
	['a page with an unknown method', '/blog/hello', { method: 'PROPFIND' }],
	[
		'a page with traceparent',
		'/blog/hello',
		{ headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } }
	],
	['a prerendered page', '/about'],
	['a prerendered page with brotli', '/about', { headers: { 'accept-encoding': 'br' } }],
	['a prerendered page with the wrong slash', '/about/'],
	['a precompressed asset, gzip', '/large.json', { headers: { 'accept-encoding': 'gzip' } }],
	['a precompressed asset, brotli', '/large.json', { headers: { 'accept-encoding': 'gzip, br' } }],
	['an asset as it is', '/large.json'],
	['a part of an asset', '/large.json', { headers: { range: 'bytes=0-9' } }],
	['a part that an asset does not have', '/large.json', { headers: { range: 'bytes=99999999-' } }],
	['an asset with HEAD', '/robots.txt', { method: 'HEAD' }],
	['robots.txt', '/robots.txt'],
	['a missing page', '/nowhere'],
	['a missing asset', '/_app/immutable/nowhere.js'],
	['a redirect', '/redirect'],
	['a missing trailing slash', '/trailing'],
	['an expected error', '/error/expected'],
	['an unexpected error', '/error/unexpected'],
	['an endpoint that throws', '/error/endpoint'],
	['an endpoint', '/api/post/7'],
	[
		'an endpoint with a body',
		'/api/echo',
		{ method: 'PUT', body: 'hello', headers: { 'content-type': 'text/plain' } }
	],
	[
		'a body that is too long',
		'/api/echo',
		{ method: 'PUT', body: 'x'.repeat(2048), headers: { 'content-type': 'text/plain' } }
	],
	['a form action', '/actions/named?/success', { method: 'POST', body: 'a=b', headers: form }],
	['a form action that fails', '/actions/named?/fail', { method: 'POST', body: 'a=b', headers: form }],
	[
		'a form of another site',
		'/actions/named?/success',
		{ method: 'POST', body: 'a=b', headers: { ...form, origin: 'https://evil.example' } }
	],
	['a URL that cannot be decoded', '/%E0%A4%A'],
	['a reserved query parameter', '/?x-sveltekit-whatever=1'],
	['a dynamic file', '/feed.xml'],
	['a streamed page', '/stream'],
	['server-sent events', '/sse'],
	[
		'a page behind a proxy',
		'/api/echo',
		{ headers: { 'x-proto': 'https', 'x-host': 'shop.example', 'x-for': '203.0.113.7, 10.0.0.1' } }
	],
	['a page behind a proxy that says too little', '/api/echo', { headers: { 'x-proto': 'a:b' } }]
];

describe.each(combinations)('%s: the wrapped output does the same as adapter-node', (combination) => {
	const options = { combination, kit: { version: { name: 'one' } }, adapterOptions: { envPrefix: 'APP_' } };
	const variants = ['off', 'on'] as const;
	const env = {
		APP_HOST: '127.0.0.1',
		APP_BODY_SIZE_LIMIT: '1K',
		APP_PROTOCOL_HEADER: 'x-proto',
		APP_HOST_HEADER: 'x-host',
		APP_ADDRESS_HEADER: 'x-for'
	};
	let builds: { plain: App; wrapped: App };
	let receiver: Receiver;
	const servers = {} as Record<'plain' | (typeof variants)[number], RunningServer>;

	/** Every server on the port of its own that adapter-node's prefixed variable names. */
	const start = async (app: App, more: Record<string, string> = {}): Promise<RunningServer> => {
		const port = await freePort();
		return startServer(app.build, { env: { ...env, ...more, APP_PORT: port, PORT: port } });
	};

	beforeAll(async () => {
		builds = {
			plain: await buildApp({ ...options, adapter: '@sveltejs/adapter-node', tracing: false }),
			wrapped: await buildApp(options)
		};
		receiver = await startReceiver();
		servers.plain = await start(builds.plain);
		servers.off = await start(builds.wrapped);
		servers.on = await start(builds.wrapped, {
			OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
			OTEL_BSP_SCHEDULE_DELAY: '100'
		});
	});

	afterAll(async () => {
		await Promise.all(Object.values(servers).map((server) => server.stop()));
		await receiver?.stop();
	});

	test.each(requests)('%s has the same response, off and on', async (_, path, request) => {
		// a fixed host, because some responses contain the port
		const asked = {
			...request,
			headers: { host: 'app.example', 'x-for': '192.0.2.1', ...request?.headers }
		};
		const expected = await see(servers.plain.url + path, asked);
		for (const variant of variants) {
			expect(await see(servers[variant].url + path, asked), variant).toEqual(expected);
		}
	});

	test('the SERVER span has the host and the client that the prefixed variables name', async () => {
		const headers = {
			host: 'app.example',
			'x-proto': 'https',
			'x-host': 'client.example',
			'x-for': '203.0.113.7'
		};
		await see(`${servers.on.url}/api/echo`, { headers });
		const { span } = await receiver.waitForTrace(
			({ kind, attributes }) => kind === 'SERVER' && attributes['server.address'] === 'client.example'
		);
		expect(span.attributes).toMatchObject({ 'url.scheme': 'https', 'client.address': '203.0.113.7' });
	});

	test('an unknown variable with the prefix stops the server, as with adapter-node', async () => {
		for (const app of [builds.plain, builds.wrapped]) {
			await expect(start(app, { APP_NONSENSE: '1' })).rejects.toThrow('You should change envPrefix (APP_)');
		}
	});

	test('our variables never have the prefix', async () => {
		await expect(start(builds.wrapped, { APP_OTEL_SERVICE_NAME: 'shop' })).rejects.toThrow(
			'APP_OTEL_SERVICE_NAME'
		);
	});

	test('build/index.js exports path, host, port and server, and build/handler.js handler', async () => {
		const script = `
			const { path, host, port, server } = await import(process.argv[1] + '/index.js');
			const { handler } = await import(process.argv[1] + '/handler.js');
			const http = server.server ?? server;
			console.log(JSON.stringify([path, host, port, typeof http.listen, typeof handler]));
			process.exit();`;
		for (const app of [builds.plain, builds.wrapped]) {
			const child = spawn(process.execPath, ['--input-type=module', '-e', script, app.build], {
				env: { ...cleanEnv(), APP_PORT: '0', APP_HOST: '127.0.0.1' }
			});
			expect((await output(child)).split('\n').find((line) => line.startsWith('['))).toBe(
				'[false,"127.0.0.1","0","function","function"]'
			);
		}
	});

	test('SOCKET_PATH is listened to', async () => {
		const dir = makeTempDir();
		const socketPath = join(dir, 'app.sock');
		const answers: Seen[] = [];
		for (const app of [builds.plain, builds.wrapped]) {
			const server = await startServer(app.build, {
				env: { APP_SOCKET_PATH: socketPath, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
			});
			answers.push(
				await see('http://localhost/api/post/1', { socketPath, headers: { host: 'app.example' } })
			);
			await server.stop();
		}
		expect(answers[1]).toEqual(answers[0]);
		expect(answers[1]?.status).toBe(200);
	});

	test('a socket of systemd is served, and closed when it is idle', async () => {
		for (const app of [builds.plain, builds.wrapped]) {
			const passed = createServer().listen(0, '127.0.0.1');
			await once(passed, 'listening');
			const port = (passed.address() as { port: number }).port;
			const child = activate(app.build, passed, {
				APP_IDLE_TIMEOUT: '1',
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url
			});
			const said = output(child);
			passed.close();
			expect((await see(`http://127.0.0.1:${port}/blog/activated`)).status).toBe(200);
			expect(await said).toContain('Listening on file descriptor 3');
			expect(child.exitCode).toBe(0);
		}
		// the last spans came with the idle shutdown
		await receiver.waitForTrace(({ attributes }) => attributes['url.path'] === '/blog/activated');
	});

	test.each(['SIGTERM', 'SIGINT'] as const)(
		'%s lets the request in flight end, and exits as before',
		async (signal) => {
			for (const variant of ['plain', ...variants] as const) {
				await using server = await start(
					variant === 'plain' ? builds.plain : builds.wrapped,
					variant === 'on' ? { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } : {}
				);
				const answer = see(`${server.url}/slow?ms=300`);
				// the server has it as soon as it has opened the connection and answers another request after it
				await see(`${server.url}/api/post/1`);
				server.signal(signal);
				expect((await answer).status).toBe(200);
				expect(await server.exited).toEqual({ code: 0, signal: null });
			}
		}
	);

	test.runIf(matrix[combination].generation === 2)('ORIGIN is what the app sees', async () => {
		for (const app of [builds.plain, builds.wrapped]) {
			await using server = await start(app, { APP_ORIGIN: 'https://shop.example' });
			expect((await see(`${server.url}/api/echo`, { headers: { 'x-for': '192.0.2.1' } })).body).toContain(
				'https://shop.example/api/echo'
			);
		}
	});
});

/** Starts a build the way systemd does: with a listening socket as file descriptor 3. */
function activate(build: string, socket: Server, env: Record<string, string>): ChildProcess {
	return spawn('/bin/sh', ['-c', 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" build', process.execPath], {
		cwd: dirname(build),
		env: { ...cleanEnv(), ...env },
		// Node has no public way to tell a server's file descriptor
		stdio: ['ignore', 'pipe', 'pipe', (socket as unknown as { _handle: { fd: number } })._handle.fd]
	});
}

async function output(child: ChildProcess): Promise<string> {
	let text = '';
	child.stdout?.on('data', (chunk) => (text += chunk));
	child.stderr?.on('data', (chunk) => (text += chunk));
	await once(child, 'close');
	return text;
}

async function freePort(): Promise<string> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as { port: number };
	server.close();
	await once(server, 'close');
	return String(port);
}
