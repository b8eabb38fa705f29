import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, buildApp } from '../support/app.ts';
import { type TracedServer, newTraceId, callerSpanId, startTraced } from '../support/traced-server.ts';
import { combinations } from './combinations.ts';

describe.each(combinations)('%s: Server-Timing', (combination) => {
	let app: App;
	let traced: TracedServer;

	beforeAll(async () => {
		app = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
		traced = await startTraced(app.build, { env: { OTEL_SVELTEKIT_SERVER_TIMING: 'true' } });
	});

	afterAll(() => traced?.stop());

	test.each(['/', '/stream', '/nowhere', '/error/unexpected'])(
		'has the trace of a page: %s',
		async (path) => {
			const { response, tree } = await traced.trace(path);
			const { traceId, spanId } = tree.span;
			expect(response.headers.get('server-timing')).toBe(`traceparent;desc="00-${traceId}-${spanId}-01"`);
		}
	);

	test('keeps the app’s own entries', async () => {
		const { response, tree } = await traced.trace('/timed');
		expect(response.headers.get('server-timing')).toBe(
			`db;dur=53, traceparent;desc="00-${tree.span.traceId}-${tree.span.spanId}-01"`
		);
	});

	test('contains the flag of an unsampled trace', async () => {
		const traceId = newTraceId();
		const response = await traced.server.fetch('/', {
			headers: { traceparent: `00-${traceId}-${callerSpanId}-00` }
		});
		expect(response.headers.get('server-timing')).toMatch(
			new RegExp(`^traceparent;desc="00-${traceId}-[0-9a-f]{16}-00"$`)
		);
	});

	test.each(['/api/post/1', '/blog/a/__data.json', '/robots.txt', '/about', '/redirect', '/sse'])(
		'is not sent if the response is not a page of the server: %s',
		async (path) => {
			const response = await traced.server.fetch(path);
			await response.text();
			expect(response.headers.get('server-timing')).toBeNull();
		}
	);

	test('is not sent by default', async () => {
		await using silent = await startTraced(app.build);
		const { response } = await silent.trace('/');
		expect(response.headers.get('server-timing')).toBeNull();
	});
});
