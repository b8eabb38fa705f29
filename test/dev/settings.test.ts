import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:http2';
import { get } from 'node:https';
import { beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { createCertificates } from '../otlp/certificates.ts';
import { spansOf } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { startTracedVite } from '../support/traced-vite.ts';

const commands = ['dev', 'preview'] as const;

/** Settings of SvelteKit that move everything from where it is by default. */
const kit = {
	outDir: '.generated',
	appDir: 'internal',
	paths: { base: '/shop' },
	files: { routes: 'src/pages' }
};

const page = (name: string): Record<string, string> => ({
	[`src/pages/${name}/+page.server.js`]: 'export const load = () => ({ ready: true });',
	[`src/pages/${name}/+page.svelte`]: `<h1>${name}</h1>`
});

/** A server that answers some requests itself. */
const SERVER = `
import { createServer } from 'node:http';
import { createServer as createVite } from 'vite';

const server = createServer();
const vite = await createVite({ server: { middlewareMode: true, hmr: { server } } });
server.on('request', (req, res) => {
	if (req.url === '/own') return res.end('of the server');
	vite.middlewares(req, res);
});
server.listen(0, '127.0.0.1', () => console.log('Local: http://127.0.0.1:' + server.address().port));
`;

/** The app's configuration, with a certificate. */
const https = ({ dir }: App): string => `
import config from './vite.config.${existsSync(`${dir}/vite.config.ts`) ? 'ts' : 'js'}';
import { readFileSync } from 'node:fs';

const https = { key: readFileSync('key.pem'), cert: readFileSync('cert.pem') };
export default { ...config, server: { https }, preview: { https } };
`;

describe.each(combinations)('%s: settings of SvelteKit', (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildApp({ combination, kit, files: page('shoes') });
	});

	test.each(commands)('base, outDir, appDir and the folder of routes: %s', async (command) => {
		await using vite = await startTracedVite(app, command);
		const { status, tree } = await vite.ask('/shop/shoes');
		expect(status).toBe(200);
		expect(tree.span.name).toBe('GET /shoes');
		expect(spansOf(tree).map(({ name }) => name)).toContain('sveltekit.load shoes/+page.server.js');

		await vite.server.waitForOutput(/Traces: +\S+\n/);
		const named = /Traces: +(\S+)/.exec(vite.server.output())?.[1];
		expect((await fetch(named!)).status).toBe(200);
		expect((await vite.server.fetch('/shop/__otel')).status).toBe(200);
	});

	test('a custom server with Vite as middleware', async () => {
		await using vite = await startTracedVite(app, 'dev', {
			entry: 'server.js',
			files: { 'server.js': SERVER }
		});
		const { status, tree } = await vite.ask('/shop/shoes');
		expect(status).toBe(200);
		expect(tree.span).toMatchObject({ name: 'GET /shoes', attributes: { 'url.path': '/shop/shoes' } });
		expect(spansOf(tree).map(({ name }) => name)).toContain('sveltekit.load shoes/+page.server.js');
		expect(await (await vite.server.fetch('/own')).text()).toBe('of the server');
		expect((await vite.server.fetch('/__otel')).status).toBe(200);
	});

	test.each(commands)('https: %s', async (command) => {
		const { key, cert } = createCertificates().server;
		await using vite = await startTracedVite(app, command, {
			args: ['--config', 'https.config.js'],
			files: { 'key.pem': key, 'cert.pem': cert, 'https.config.js': https(app) }
		});
		expect(vite.server.url).toMatch(/^https:/);
		await vite.server.waitForOutput(/Traces: +https:/);
		for (const ask of [askHttp1, askHttp2]) {
			vite.receiver.reset();
			expect(await ask(vite.server.url, '/shop/shoes')).toBe(200);
			const { span } = await vite.receiver.waitForTrace(({ kind }) => kind === 'SERVER');
			expect(span).toMatchObject({ name: 'GET /shoes', attributes: { 'url.scheme': 'https' } });
			expect(await ask(vite.server.url, '/__otel')).toBe(200);
		}
	});
});

/** The status of a request over HTTP/1.1. */
const askHttp1 = (url: string, path: string): Promise<number | undefined> =>
	new Promise((resolve, reject) => {
		get(url + path, { rejectUnauthorized: false }, (response) => {
			response.resume();
			resolve(response.statusCode);
		}).on('error', reject);
	});

/** The status of a request over HTTP/2. */
async function askHttp2(url: string, path: string): Promise<number> {
	const session = connect(url, { rejectUnauthorized: false });
	try {
		const stream = session.request({ ':path': path });
		const [headers] = (await once(stream, 'response')) as [{ ':status': number }];
		stream.resume();
		return headers[':status'];
	} finally {
		session.destroy();
	}
}
