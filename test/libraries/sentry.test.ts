import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

import { type Outline, outline } from '../otlp/outline.ts';
import { startReceiver } from '../otlp/receiver.ts';
import { spansOf } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { withInstrumentationFile } from '../support/instrumentation-file.ts';
import { type CombinationId, matrix } from '../support/matrix.ts';
import { startSentry } from '../support/sentry.ts';
import { startServer } from '../support/server.ts';
import { callerSpanId, startTraced } from '../support/traced-server.ts';
import { combinations } from '../e2e/combinations.ts';

/** What Sentry's own instructions for SvelteKit come to. */
const FILES = {
	'src/instrumentation.server.js': `
		import * as Sentry from '@sentry/sveltekit';

		Sentry.init({
			dsn: process.env.SENTRY_DSN,
			tracesSampleRate: 1.0,
			...JSON.parse(process.env.SENTRY_OPTIONS ?? '{}')
		});
	`,
	'src/hooks.server.js': `
		import * as Sentry from '@sentry/sveltekit';

		export const handle = Sentry.sentryHandle();
		export const handleError = Sentry.handleErrorWithSentry();
	`
};

/** Not what Sentry assumes: its Vite plugin runs the adapter to see where it writes to. */
const OUT = 'dist';

/** The kind of the adapter is an option, because Sentry recognizes adapter-node only by its own name. */
const VITE_CONFIG = {
	2: (plugin: string) => `
		import { sveltekit } from '@sveltejs/kit/vite';
		import { sentrySvelteKit } from '${plugin}';

		export default { plugins: [sentrySvelteKit({ adapter: 'node', telemetry: false }), sveltekit()] };
	`,
	3: (plugin: string) => `
		import { sveltekit } from '@sveltejs/kit/vite';
		import adapter from 'adapter-node-otel';
		import { sentrySvelteKit } from '${plugin}';

		export default {
			plugins: [
				sentrySvelteKit({ adapter: 'node', telemetry: false }),
				sveltekit({ adapter: adapter({ out: '${OUT}' }), tracing: { server: true } })
			]
		};
	`
};

const RELEASES = [
	{
		version: '10.75.2',
		withoutTracing: { skipOpenTelemetrySetup: true },
		plugin: '@sentry/sveltekit',
		asksAdapterOf: [2]
	},
	{
		version: '11.7.0',
		withoutTracing: { enableOpenTelemetrySetup: false },
		plugin: '@sentry/sveltekit/vite',
		asksAdapterOf: [2, 3],
		// what only browsers and workers run: not every registry has all packages of a release
		overrides: { '@sentry/cloudflare': '11.0.0', '@sentry/svelte': '10.75.2' }
	}
];

/** A page, one of whose load functions fetches an endpoint. +server handlers have a span since SvelteKit 3.2. */
const blog = (hasEndpoints: boolean): Outline => {
	const resolved: Outline = hasEndpoints
		? ['sveltekit.resolve', ['sveltekit.endpoint']]
		: 'sveltekit.resolve';
	const loads = ['sveltekit.load', 'sveltekit.load', 'sveltekit.load', 'sveltekit.load'];
	return [
		'GET /blog/[slug]',
		[['sveltekit.resolve', [...loads, ['sveltekit.load', [['GET /api/post/[id]', [resolved]]]]]]]
	];
};

const STANDS_DOWN =
	"adapter-node-otel: src/instrumentation.server has registered an OpenTelemetry SDK, which is used instead of adapter-node-otel's.";

/** The tree of the same app without Sentry. */
async function ownOutline(combination: CombinationId): Promise<Outline> {
	const { build } = await buildApp({ combination, files: { 'src/hooks.server.js': null } });
	await using traced = await startTraced(build);
	return outline((await traced.trace('/blog/hello')).tree, { sort: 'name' });
}

const CALLER = 'b7ad6b7169203331';

describe.each(combinations)('%s', (combination) => {
	const { generation } = matrix[combination];
	const hasEndpoints = generation === 3 && combination !== 'kit-3-oldest';

	describe.each(RELEASES)("Sentry's SDK $version", (release) => {
		const { version, withoutTracing, plugin, asksAdapterOf, overrides } = release;
		const remedy = JSON.stringify(withoutTracing).replace(/[{}"]/g, '').replace(':', ': ');
		let app: App;
		let build: string;

		beforeAll(async () => {
			app = await buildApp({
				...withInstrumentationFile(combination, ''),
				adapterOptions: { out: OUT },
				files: { ...FILES, 'vite.config.js': VITE_CONFIG[generation](plugin) },
				optionsIn: 'svelte.config.js',
				packageJson: {
					dependencies: { '@sentry/sveltekit': version },
					...(overrides && { overrides })
				}
			});
			build = join(app.dir, OUT);
		});

		test.each([
			[
				'and one line logs this',
				{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
				`${STANDS_DOWN} It is Sentry's. Set \`${remedy}\` in Sentry.init() to use adapter-node-otel's\n`
			],
			['and nothing is logged if no OTEL_* variable is set', {}, '']
		])('keeps the tracing, with the tree of SvelteKit in it, %s', async (_, env, said) => {
			await using sentry = await startSentry();
			await using server = await startServer(build, { env: { ...env, SENTRY_DSN: sentry.dsn } });
			expect(server.stderr()).toBe(said);

			const headers = { 'sentry-trace': `0af7651916cd43dd8448eb211c80319c-${CALLER}-1` };
			expect((await server.fetch('/blog/hello', { headers })).status).toBe(200);
			expect(await sentry.waitForTree(CALLER)).toEqual(blog(hasEndpoints));
			expect(server.stderr()).toBe(said);
		});

		test('traces nothing if it is disabled, and one line logs this', async () => {
			await using receiver = await startReceiver();
			await using server = await startServer(build, {
				env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, SENTRY_OPTIONS: JSON.stringify({ enabled: false }) }
			});
			expect(server.stderr()).toBe(
				`${STANDS_DOWN} It is Sentry's, and disabled: nothing is traced. Set \`${remedy}\` in Sentry.init() to use adapter-node-otel's\n`
			);
			expect((await server.fetch('/blog/hello')).status).toBe(200);
			await server.stop();
			expect(receiver.spans).toEqual([]);
		});

		test(`leaves all tracing to us with ${remedy}`, async () => {
			await using sentry = await startSentry();
			const options = JSON.stringify(withoutTracing);
			await using traced = await startTraced(build, {
				env: { SENTRY_DSN: sentry.dsn, SENTRY_OPTIONS: options }
			});
			const { tree } = await traced.trace('/blog/hello');
			expect(tree.span).toMatchObject({ kind: 'SERVER', parentSpanId: callerSpanId });
			expect(outline(tree, { sort: 'name' })).toEqual(await ownOutline(combination));
			expect(traced.receiver.spans).toHaveLength(spansOf(tree).length);

			expect(traced.server.stderr()).toMatch(/^adapter-node-otel: tracing basic-app; .*\n$/);
			await traced.server.fetch('/error/unexpected');
			await sentry.waitForError('unexpected in a load function');
			await traced.server.stop();
			expect(sentry.spans).toEqual([]);
		});

		test('does not start with OTEL_SDK_DISABLED=true', async () => {
			await using sentry = await startSentry();
			await using server = await startServer(build, {
				env: { OTEL_SDK_DISABLED: 'true', SENTRY_DSN: sentry.dsn }
			});
			expect((await server.fetch('/blog/hello')).status).toBe(200);
			await server.stop();
			expect(sentry.spans).toEqual([]);
		});

		test.runIf(asksAdapterOf.includes(generation))(
			'gets the output directory from its Vite plugin',
			async () => {
				const server = join(build, 'server');
				const files = (await readdir(server, { recursive: true })).filter((file) => file.endsWith('.js'));
				const texts = await Promise.all(files.map((file) => readFile(join(server, file), 'utf8')));
				expect(texts.join('\n')).toContain(`__sentry_sveltekit_output_dir"] = "${OUT}"`);
			}
		);
	});
});
