import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { type TracedServer, newTraceId, callerSpanId, startTraced } from '../support/traced-server.ts';
import { combinations, ofGeneration } from './combinations.ts';

/** What `/root/endpoint` says of `event.tracing`. */
interface Said {
	enabled: boolean;
	isRecording: boolean;
	traceId: string;
}

describe.each(combinations)('%s: event.tracing', (combination) => {
	let app: App;
	let traced: TracedServer;

	beforeAll(async () => {
		app = await buildApp({ combination });
		traced = await startTraced(app.build);
	});

	afterAll(() => traced?.stop());

	test('has the SERVER span as its root', async () => {
		const { tree, body, traceId } = await traced.trace('/root/endpoint');
		expect(JSON.parse(body)).toEqual({ enabled: true, isRecording: true, traceId } satisfies Said);
		expect(tree.span.attributes).toMatchObject({ 'app.root.handle': 'first', 'app.root.endpoint': true });
	});

	test('prefers the name and the attributes of the app', async () => {
		const ours = {
			'http.route': '/its/own',
			'http.response.status_code': '299',
			'url.query': 'its own',
			'error.type': 'its own'
		};
		const query = new URLSearchParams({ name: 'its own name', ...ours });
		const { tree } = await traced.trace(`/root?${query}`);
		expect(tree.span.name).toBe('its own name');
		expect(tree.span.attributes).toMatchObject(ours);
	});

	test('exists, and records nothing, if the request is not sampled', async () => {
		const traceId = newTraceId();
		const response = await traced.server.fetch('/root/endpoint', {
			headers: { traceparent: `00-${traceId}-${callerSpanId}-00` }
		});
		expect(await response.json()).toEqual({ enabled: true, isRecording: false, traceId } satisfies Said);
		expect((await traced.server.submit('/root')).status).toBe(200);
	});

	test('exists, and records nothing, if the request is ignored', async () => {
		await using ignoring = await startTraced(app.build, { env: { OTEL_SVELTEKIT_IGNORE: '/root/**' } });
		const response = await ignoring.server.fetch('/root/endpoint');
		expect(await response.json()).toMatchObject({ enabled: true, isRecording: false });
	});

	test('exists, and records nothing, if telemetry is off', async () => {
		await using server = await startServer(app.build);
		const response = await server.fetch('/root/endpoint');
		expect(await response.json()).toMatchObject({
			isRecording: false,
			traceId: expect.stringMatching(/^0*$/)
		});
		expect((await server.submit('/root')).status).toBe(200);
	});
});

// SvelteKit 2 compiles its switch into the build
describe.each(ofGeneration(3))('%s: event.tracing.enabled', (combination) => {
	test('is false when telemetry is off', async () => {
		const { build } = await buildApp({ combination });
		await using server = await startServer(build);
		const said = (await (await server.fetch('/root/endpoint')).json()) as Said;
		expect(said.enabled).toBe(false);
	});
});
