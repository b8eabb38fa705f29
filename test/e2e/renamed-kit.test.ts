import { describe, expect, test } from 'vitest';
import { labelOf } from '../otlp/span.ts';
import { spansOf } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { packRenamedKit } from '../support/renamed-kit.ts';
import { replacing } from '../support/replaced-modules.ts';
import { startTraced } from '../support/traced-server.ts';

const build = async (renames: Record<string, string>, files: Record<string, string> = {}): Promise<App> =>
	buildApp({
		combination: 'kit-3',
		packageJson: { devDependencies: { '@sveltejs/kit': await packRenamedKit(renames) } },
		files
	});

/** The lines of the build's log that are ours. */
const said = ({ log }: App): string[] =>
	log.split('\n').filter((line) => line.includes('adapter-node-otel: '));

const FLAG = { __SVELTEKIT_SERVER_TRACING_ENABLED__: '__SVELTEKIT_TRACING__' };
const FLAG_AND_ROOT = { ...FLAG, 'sveltekit.handle.root': 'sveltekit.request' };

describe('a release of SvelteKit that has renamed', () => {
	test('its switch and its root span is traced, without routes, as the build says, and what a plugin replaces', async () => {
		const app = await build(FLAG_AND_ROOT, replacing('runtime/server/page/render.js'));
		expect(said(app)).toEqual([
			expect.stringMatching(
				/`__SVELTEKIT_SERVER_TRACING_ENABLED__`\): `event\.tracing\.enabled` does not follow .+; its root span \(`sveltekit\.handle\.root`\): SERVER spans have no route\./
			),
			expect.stringMatching(
				/another Vite plugin or an alias .+: `src\/runtime\/server\/page\/render\.js`: rendering has no span of its own\./
			)
		]);
		await using traced = await startTraced(app.build);
		const { tree } = await traced.trace('/blog/hello');
		expect(labelOf(tree.span)).toBe('SERVER GET');
		expect(spansOf(tree).length).toBeGreaterThan(5);
		expect(spansOf(tree).map(labelOf)).not.toContain('sveltekit.render');
	});

	test('its switch, while a plugin replaces where it makes its spans: the build logs both and, after 20 requests, the server', async () => {
		const app = await build(FLAG_AND_ROOT, replacing('exports/internal/server/telemetry.js'));
		expect(said(app)).toEqual([
			expect.stringContaining('`__SVELTEKIT_SERVER_TRACING_ENABLED__`): no request is traced'),
			expect.stringContaining('`src/exports/internal/server/telemetry.js`: each request costs a little more.')
		]);
		await using traced = await startTraced(app.build);
		const { tree } = await traced.trace('/blog/hello');
		expect(spansOf(tree).map(labelOf)).toEqual(['SERVER GET', 'sveltekit.render']);
		for (let request = 0; request < 30; request++) await (await traced.server.fetch('/blog/hello')).text();
		const lines = traced.server.stderr().split('\n');
		expect(lines.filter((line) => line.includes('SvelteKit has answered 20 requests'))).toEqual([
			expect.stringContaining('traces are missing or incomplete. Build again')
		]);
	});

	test('everything that tracing needs: the build logs it and, after 20 requests, the server', async () => {
		const app = await build({
			...FLAG,
			record_span: 'make_span',
			render_response: 'render_html',
			"getTracer('sveltekit')": "getTracer('kit')"
		});
		expect(said(app)).toEqual([
			expect.stringMatching(
				/`__SVELTEKIT_SERVER_TRACING_ENABLED__`\): no request is traced; its tracer \(`sveltekit`\): no request is traced; `record_span in .+telemetry\.js`: each request costs a little more; `render_response in .+render\.js`: rendering has no span of its own\./
			)
		]);
		await using traced = await startTraced(app.build);
		for (let request = 0; request < 19; request++) await (await traced.server.fetch('/blog/hello')).text();
		for (let request = 0; request < 30; request++) await (await traced.server.fetch('/robots.txt')).text();
		expect(traced.server.stderr()).not.toContain('SvelteKit has answered');
		for (let request = 0; request < 30; request++) await (await traced.server.fetch('/api/echo')).text();
		const lines = traced.server.stderr().split('\n');
		expect(lines.filter((line) => line.includes('SvelteKit has answered 20 requests'))).toHaveLength(1);
	});
});
