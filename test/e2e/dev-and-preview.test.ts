import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outline } from '../otlp/outline.ts';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { type ReceivedSpan, labelOf } from '../otlp/span.ts';
import { type TreeNode, findSpan, spansOf } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { type AppCopy, copyApp } from '../support/app-copy.ts';
import { type ViteServer, startVite } from '../support/vite-server.ts';
import { callerSpanId, newTraceId, startTraced } from '../support/traced-server.ts';
import { combinations } from './combinations.ts';

const commands = ['dev', 'preview'] as const;

/** What Vite does for a first request is in no trace of a build. */
const isOfVite = ({ name }: ReceivedSpan): boolean => name === 'vite.transform';

/** A page's rendering is a span of its own in a build only, see docs/dev.md. */
const isOfBuild = ({ name }: ReceivedSpan): boolean => name === 'sveltekit.render';

/** The names of a trace in their tree, without what is Vite's or the build's alone. */
function namesOf(tree: TreeNode): unknown {
	const own = (node: TreeNode): TreeNode => ({
		...node,
		children: node.children.filter(({ span }) => !isOfVite(span) && !isOfBuild(span)).map(own)
	});
	return outline(own(tree), { sort: 'name', label: labelOf });
}

describe.each(combinations)('%s: vite', (combination) => {
	const isKit3 = combination.startsWith('kit-3');
	const options = { combination, overlays: ['api'] };
	let app: App;
	let expected: TreeNode;

	/** The trace of a page in the built server, which the others are held against. */
	beforeAll(async () => {
		app = await buildApp(options);
		await using traced = await startTraced(app.build);
		expected = (await traced.trace('/blog/hello')).tree;
	});

	describe.each(commands)('%s', (command) => {
		let receiver: Receiver;
		let server: ViteServer;
		let copy: AppCopy;

		beforeAll(async () => {
			receiver = await startReceiver();
			copy = await copyApp(app);
			await copy.write('.env', `OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url}\nOTEL_BSP_SCHEDULE_DELAY=20\n`);
			server = await startVite(copy.dir, command);
		});

		afterAll(async () => {
			await server?.stop();
			await receiver?.stop();
			await copy?.[Symbol.asyncDispose]();
		});

		/** The trace of a request that its caller knows. */
		const ask = async (path: string): Promise<TreeNode> => {
			const traceId = newTraceId();
			const headers = { traceparent: `00-${traceId}-${callerSpanId}-01` };
			await (await server.fetch(path, { headers })).text();
			return receiver.waitForTrace(traceId);
		};

		test('makes the trace of the built server, by a variable of an .env file', async () => {
			const first = await ask('/blog/hello');
			expect(namesOf(first), server.output()).toEqual(namesOf(expected));
			// modules of the app are transformed when they are asked for first, and built ones never
			const modules = spansOf(first).filter(isOfVite);
			const page = 'src/routes/blog/[slug]/+page.svelte';
			expect(modules.filter(({ attributes }) => attributes['vite.module'] === page)).toHaveLength(
				command === 'dev' ? 1 : 0
			);
			const second = await ask('/blog/hello');
			expect(spansOf(second).filter(isOfVite)).toEqual([]);
			expect(Object.keys(second.span.attributes).sort()).toEqual(
				Object.keys(expected.span.attributes).sort()
			);
			expect(second.span.attributes).toMatchObject({ 'url.scheme': 'http', 'http.route': '/blog/[slug]' });
			expect(second.span.resource).toEqual(
				expect.objectContaining({ 'service.name': 'basic-app', 'service.version': '1.2.3' })
			);
		});

		test('tells event.tracing, and has the spans of the app where they belong', async () => {
			const response = await server.fetch('/root');
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

		test('makes no span for files, modules and what Vite refuses', async () => {
			receiver.reset();
			const statuses = [];
			for (const path of [
				'/robots.txt',
				'/@vite/client',
				'/src/routes/+page.svelte',
				'/@fs/etc/passwd?raw'
			]) {
				if (command === 'dev' || path === '/robots.txt') statuses.push((await server.fetch(path)).status);
			}
			expect(statuses).toEqual(command === 'dev' ? [200, 200, 200, 403] : [200]);
			await ask('/actions');
			expect(receiver.trees().map(({ span }) => span.attributes['url.path'])).toEqual(['/actions']);
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

	test.each(commands)('%s has a page of traces, which switches tracing on', async (command) => {
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

		const events = (await server.fetch('/__otel/events')).body!.pipeThrough(new TextDecoderStream());
		let seen = '';
		await (await server.fetch('/error/unexpected')).text();
		for await (const text of events) {
			seen += text;
			if (seen.includes('event: trace')) break;
		}
		const trace = JSON.parse(/^event: trace\ndata: (.*)$/m.exec(seen)![1]!) as Record<string, unknown>;
		expect(trace).toMatchObject({ name: 'GET /error/unexpected', status: 500, isError: true });
		const spans = await (await server.fetch(`/__otel/traces/${String(trace['id'])}`)).text();
		expect(spans).toContain('exception.stacktrace');
	});

	test('the page says that telemetry is disabled', async () => {
		await using server = await startVite(app.dir, 'dev', { env: { OTEL_SDK_DISABLED: 'true' } });
		await (await server.fetch('/__otel')).text();
		const events = (await server.fetch('/__otel/events')).body!.pipeThrough(new TextDecoderStream());
		for await (const text of events) {
			expect(text).toContain('OTEL_SDK_DISABLED=true: nothing is traced');
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
