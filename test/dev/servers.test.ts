import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { type TreeNode, findSpan, spansOf } from '../otlp/tree.ts';
import type { App } from '../support/app.ts';
import { readEvents, readSpans } from '../support/page-of-traces.ts';
import { type TracedVite, startTracedVite } from '../support/traced-vite.ts';
import { startVite } from '../support/vite-server.ts';
import { buildDevApp } from './app.ts';

const commands = ['dev', 'preview'] as const;

describe.each(combinations)('%s: vite', (combination) => {
	const isKit3 = combination.startsWith('kit-3');
	let app: App;

	beforeAll(async () => {
		app = await buildDevApp(combination);
	});

	describe.each(commands)('%s', (command) => {
		let vite: TracedVite;

		beforeAll(async () => {
			vite = await startTracedVite(app, command);
		});

		afterAll(() => vite?.stop());

		const ask = async (path: string): Promise<TreeNode> => (await vite.ask(path)).tree;

		test('sets event.tracing, and has the spans of the app below the right parents', async () => {
			const response = await vite.server.fetch('/root');
			expect(await response.text()).toContain('enabled:true');
			const tree = await ask('/custom-span');
			expect(spansOf(tree).map(({ scope }) => scope.name)).toContain('app');
		});

		test('has errors with their stack', async () => {
			const tree = await ask('/error/unexpected');
			expect(tree.span).toMatchObject({ status: { code: 'ERROR' } });
			const { events } = findSpan(
				tree,
				({ status, name }) => status.code === 'ERROR' && name.includes('load')
			);
			expect(events[0]!.attributes['exception.stacktrace']).toContain('error/unexpected');
		});

		test('creates no spans for files, modules and requests that Vite rejects', async () => {
			vite.receiver.reset();
			const statuses = [];
			for (const path of [
				'/robots.txt',
				'/@vite/client',
				'/src/routes/+page.svelte',
				'/@fs/etc/passwd?raw'
			]) {
				if (command === 'dev' || path === '/robots.txt')
					statuses.push((await vite.server.fetch(path)).status);
			}
			expect(statuses).toEqual(command === 'dev' ? [200, 200, 200, 403] : [200]);
			await ask('/actions');
			expect(vite.receiver.trees().map(({ span }) => span.attributes['url.path'])).toEqual(['/actions']);
		});
	});

	test.each(commands)(
		'%s loads nothing where nothing is set, and is as it would be without us',
		async (command) => {
			await using server = await startVite(app.dir, command);
			const response = await server.fetch('/root');
			expect(response.status, server.output()).toBe(200);
			expect(await response.text()).toContain(`enabled:${!isKit3}`);
			expect(server.output()).not.toContain('adapter-node-otel:');
		}
	);

	test.each(commands)('%s has a page of traces, which turns on tracing', async (command) => {
		await using server = await startVite(app.dir, command);
		await server.waitForOutput(`Traces:  ${server.url}/__otel`);
		await (await server.fetch('/blog/before')).text();
		expect(server.output()).not.toContain('adapter-node-otel:');

		for (const headers of [
			{ origin: 'http://evil.example' },
			{ origin: 'http://localhost:1' },
			{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
		]) {
			expect((await server.fetch('/__otel', { headers })).status).toBe(403);
		}
		// a page of another site whose name leads to this machine
		expect(await askAs('evil.example', `${server.url}/__otel`)).toBe(403);
		expect(server.output()).not.toContain('adapter-node-otel:');

		const page = await server.fetch('/__otel');
		expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
		expect(await page.text()).toContain('<title>Traces</title>');
		await server.waitForOutput('exporter none');

		for await (const { event, data } of readEvents(server)) {
			if (event === 'start') {
				await (await server.fetch('/error/unexpected')).text();
				continue;
			}
			expect(data).toMatchObject({ name: 'GET /error/unexpected', status: 500, isError: true });
			const spans = await readSpans(server, (data as { id: string }).id);
			expect(spans).toContain('exception.stacktrace');
			break;
		}
	});
});

/** The status of a request that names another host than it is sent to. */
const askAs = (host: string, url: string): Promise<number | undefined> =>
	new Promise((resolve, reject) => {
		get(url, { headers: { host } }, (response) => {
			response.resume();
			resolve(response.statusCode);
		}).on('error', reject);
	});
