import { beforeAll, describe, expect, test } from 'vitest';
import { outline } from '../otlp/outline.ts';
import { startReceiver } from '../otlp/receiver.ts';
import { findNode } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { startUpstream } from '../support/upstream.ts';
import { combinations } from './combinations.ts';

/** What the app says about a span of its own. */
interface SeenSpan {
	traceId: string;
	spanId: string;
	traceFlags: number;
	isRecording: boolean;
	isActive: boolean;
}

const api = { '@opentelemetry/api': '1.9.1' };

const PLACES = [
	['not in package.json', {}],
	['in devDependencies, bundled', { devDependencies: api }],
	['in dependencies, external', { dependencies: api }]
] as const;

const NOTHING = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0, isRecording: false };

describe.each(combinations)('%s: own spans of a load function', (combination) => {
	describe.each(PLACES)('with @opentelemetry/api %s', (_, packageJson) => {
		let app: App;

		beforeAll(async () => {
			app = await buildApp({ combination, overlays: ['api'], packageJson });
		});

		/** Asks for the page, to the end of the server. */
		async function request(variables: Record<string, string> = {}) {
			await using receiver = await startReceiver();
			await using upstream = await startUpstream();
			await using server = await startServer(app.build, {
				env: {
					UPSTREAM_URL: upstream.url,
					...(Object.keys(variables).length > 0 && { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }),
					...variables
				}
			});
			const page = await (await server.fetch('/own-spans')).text();
			await server.stop();
			return {
				seen: JSON.parse(/<pre>(.*)<\/pre>/.exec(page)![1]!) as {
					outer: SeenSpan;
					inner: SeenSpan;
					request: string;
				},
				traceparent: upstream.calls[0]?.headers['traceparent'],
				trees: receiver.trees()
			};
		}

		test('are below SvelteKit’s span, nested, with the calls below them', async () => {
			const { seen, traceparent, trees } = await request({ OTEL_SDK_DISABLED: 'false' });
			expect(trees).toHaveLength(1);
			const load = findNode(
				trees[0]!,
				({ attributes }) => attributes['sveltekit.load.node_type'] === '+page.server'
			);
			expect(outline(load)).toEqual([
				'sveltekit.load own-spans/+page.server.js',
				[['outer', ['CLIENT GET', 'inner']]]
			]);

			const [{ span: outer, children }] = load.children as [(typeof load.children)[0]];
			const { traceId } = trees[0]!.span;
			const seenOf = (spanId: string) => ({ traceId, spanId, traceFlags: 1, isRecording: true });
			expect(seen.outer).toMatchObject({ ...seenOf(outer.spanId), isActive: false });
			expect(seen.inner).toMatchObject({
				...seenOf(children[1]!.span.spanId),
				isRecording: false,
				isActive: true
			});
			expect(traceparent).toBe(`00-${traceId}-${children[0]!.span.spanId}-01`);
		});

		test('are not recorded if the request is not sampled, and propagate its trace', async () => {
			const { seen, traceparent, trees } = await request({ OTEL_TRACES_SAMPLER_ARG: '0' });
			expect(trees).toEqual([]);
			expect(seen.request).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
			for (const span of [seen.outer, seen.inner]) {
				expect(span).toMatchObject({ traceId: seen.request, traceFlags: 0, isRecording: false });
			}
			expect(traceparent).toMatch(new RegExp(`^00-${seen.request}-[0-9a-f]{16}-00$`));
		});

		test('do nothing if telemetry is off', async () => {
			const { seen, traceparent, trees } = await request();
			expect(trees).toEqual([]);
			expect(seen.outer).toEqual({ ...NOTHING, isActive: false });
			expect(seen.inner).toEqual({ ...NOTHING, isActive: false });
			expect(traceparent).toBeUndefined();
		});
	});
});
