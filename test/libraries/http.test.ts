import { beforeAll, describe, expect, test } from 'vitest';

import { outline } from '../otlp/outline.ts';
import { findNode } from '../otlp/tree.ts';
import { type App, type AppOptions, buildApp } from '../support/app.ts';
import { withInstrumentationFile } from '../support/instrumentation-file.ts';
import { startTraced } from '../support/traced-server.ts';
import { startUpstream } from '../support/upstream.ts';
import { combinations } from '../e2e/combinations.ts';

const HTTP = '@opentelemetry/instrumentation-http';

const PAGE = `
	import http from 'node:http';
	import { text } from 'node:stream/consumers';

	export async function load() {
		const options = { headers: { 'x-shop': 'here' } };
		const response = await new Promise((resolve, reject) => {
			http.get(\`\${process.env.UPSTREAM_URL}/called\`, options, resolve).on('error', reject);
		});
		await text(response);
	}
`;

const OWN = `
	import { HttpInstrumentation } from '${HTTP}';

	export default {
		instrumentations: [
			new HttpInstrumentation({ requestHook: (span) => void span.setAttribute('app.hooked', span.name) })
		]
	};
`;

/** The build's options for the instrumentation. */
const optionsOf = (options: object | false): Pick<AppOptions, 'adapterOptions'> => ({
	adapterOptions: { telemetry: { instrumentations: { [HTTP]: options } } }
});

const ATTRIBUTES = { headersToSpanAttributes: { client: { requestHeaders: ['x-shop'] } } };

describe.each(combinations)('@opentelemetry/instrumentation-http, %s', (combination) => {
	const build = ({ files, ...options }: Omit<AppOptions, 'combination'>): Promise<App> =>
		buildApp({
			combination,
			...options,
			files: {
				...files,
				'src/routes/http/+page.server.js': PAGE,
				'src/routes/http/+page.svelte': '<p>asked</p>'
			},
			packageJson: { dependencies: { [HTTP]: '0.301.0' } }
		});

	let apps: Record<'withOptions' | 'withOwn' | 'without', App>;

	beforeAll(async () => {
		apps = {
			withOptions: await build(optionsOf(ATTRIBUTES)),
			withOwn: await build(withInstrumentationFile(combination, OWN)),
			without: await build(optionsOf(false))
		};
	});

	/** Asks for the page, and says what its load function has called and how. */
	async function request(app: App) {
		await using upstream = await startUpstream();
		await using traced = await startTraced(app.build, { env: { UPSTREAM_URL: upstream.url } });
		const { tree } = await traced.trace('/http');
		// by then the first export has ended
		await traced.trace('/http');
		return {
			// an export is a request of `node:http` too
			strangers: traced.receiver.spans.filter((span) => span.kind !== 'SERVER' && !span.parentSpanId),
			load: findNode(tree, ({ attributes }) => attributes['sveltekit.load.node_type'] === '+page.server'),
			servers: traced.receiver.spans
				.filter(({ kind, traceId }) => kind === 'SERVER' && traceId === tree.span.traceId)
				.map(({ name }) => name),
			traceparent: upstream.calls[0]?.headers['traceparent'],
			stderr: traced.server.stderr()
		};
	}

	test.each([
		['as the options of the build say', 'withOptions', { 'http.request.header.x-shop': ['here'] }],
		['as the app says that has made it itself', 'withOwn', { 'app.hooked': 'GET' }]
	] as const)(
		'traces what http.request asks for, and no request a second time, %s',
		async (_, name, attributes) => {
			const { load, servers, strangers, traceparent, stderr } = await request(apps[name]);
			expect(strangers).toEqual([]);
			expect(stderr).toMatch(/; instrumentations undici,http\n$/);
			expect(outline(load)).toEqual(['sveltekit.load http/+page.server.js', ['CLIENT GET']]);
			const [{ span }] = load.children as [typeof load];
			expect(span.attributes).toMatchObject(attributes);
			expect(traceparent).toBe(`00-${span.traceId}-${span.spanId}-01`);
			expect(servers).toEqual(['GET /http']);
		}
	);

	test('is disabled by `false`', async () => {
		const { load, servers, traceparent, stderr } = await request(apps.without);
		expect(stderr).toMatch(/; instrumentations undici\n$/);
		expect(outline(load)).toBe('sveltekit.load http/+page.server.js');
		expect(traceparent).toBeUndefined();
		expect(servers).toEqual(['GET /http']);
	});
});
